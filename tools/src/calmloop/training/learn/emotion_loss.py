"""Cross-entropy of the seven emotions and, beside it, of the groups that the chair goes by."""

from typing import Any

import keras
from keras import ops

from calmloop.training.data.labels import GROUP_COLUMNS, SURPRISE


class EmotionLoss(keras.losses.Loss):  # type: ignore[misc]
    """Of targets (N, 7) that sum to 1 and logits (N, 7).

    To take sad for angry is a mistake of one kind, to take it for neutral or happy a worse one,
    since the chair then does something else. With ``group_weight`` the cross-entropy between the
    sums over negative, neutral, positive and surprise counts so many times in addition.
    """

    def __init__(self, group_weight: float = 0.0) -> None:
        super().__init__(name="emotion")
        self._group_weight = group_weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss (N,)."""
        emotions = ops.categorical_crossentropy(y_true, y_pred, from_logits=True)
        if not self._group_weight:
            return emotions
        log_p = ops.log_softmax(ops.cast(y_pred, "float32"), axis=-1)
        groups = 0.0
        for columns in (*GROUP_COLUMNS.values(), [SURPRISE]):
            wanted = ops.sum(ops.take(y_true, columns, axis=-1), axis=-1)
            groups -= wanted * ops.logsumexp(ops.take(log_p, columns, axis=-1), axis=-1)
        return emotions + self._group_weight * groups
