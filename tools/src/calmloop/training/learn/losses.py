"""The losses: of the seven emotions and their groups, and the joint loss of He et al.

L = w1 L_cls + w2 L_reg + w3 L_dist. The paper names the three terms and not their form; here L_cls
is the cross-entropy, L_reg the sum of squares of all kernels, and L_dist draws the features of a
class to its centre and pushes the centres apart, both on the unit sphere.
"""

from typing import Any

import keras
from keras import layers, ops

from calmloop.training.data.labels import GROUP_COLUMNS, SURPRISE
from calmloop.training.learn.recipe import JointWeights
from calmloop.training.learn.targets import DOUBT


class EmotionLoss(keras.losses.Loss):  # type: ignore[misc]
    """Of targets (N, 7) that sum to 1 and logits (N, 7).

    To take sad for angry is a mistake of one kind, to take it for neutral or happy a worse one,
    since the chair then does something else. With ``group_weight`` the cross-entropy between the
    sums over negative, neutral, positive and surprise counts so many times in addition.

    With ``doubt`` the targets are (N, 8), the last column for what cannot be told. Its logit is
    always 0, so that the seven learn to be small together where there is little to go by: their
    log-sum-exp is the negative of the energy by which Liu et al., 2020, tell the unknown.
    """

    def __init__(self, group_weight: float = 0.0, *, doubt: bool = False) -> None:
        super().__init__(name="emotion")
        self._group_weight, self._doubt = group_weight, doubt

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss (N,)."""
        logits = ops.cast(y_pred, "float32")
        groups = [*GROUP_COLUMNS.values(), [SURPRISE]]
        if self._doubt:
            logits = ops.concatenate([logits, ops.zeros_like(logits[:, :1])], axis=-1)
            groups.append([DOUBT])
        log_p = ops.log_softmax(logits, axis=-1)
        loss = -ops.sum(y_true * log_p, axis=-1)
        if not self._group_weight:
            return loss
        for columns in groups:
            wanted = ops.sum(ops.take(y_true, columns, axis=-1), axis=-1)
            said = ops.logsumexp(ops.take(log_p, columns, axis=-1), axis=-1)
            loss -= self._group_weight * wanted * said
        return loss


CENTRE_MARGIN = 2**0.5
"""Centres push each other away until they stand at right angles; seven can."""


JOINT_OUTPUTS = ("logits", "distances")


class ClassCentres(layers.Layer):  # type: ignore[misc]
    """Features (N, F) to their squared distances (N, classes) from trained centres.

    It adds to the loss how much nearer than CENTRE_MARGIN any two centres are, squared.
    """

    def __init__(self, classes: int, push: float) -> None:
        super().__init__(dtype="float32", name="centres")
        self._classes, self._push = classes, push

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """One centre a class, as long as the features are wide."""
        shape = (self._classes, input_shape[-1])
        self.centres = self.add_weight(shape=shape, initializer="random_normal", name="centres")

    def call(self, features: Any) -> Any:
        """Squared distances, 0 to 4."""
        centres = _unit(self.centres)
        near = ops.relu(CENTRE_MARGIN - ops.sqrt(_squared(centres, centres) + 1e-6))
        others = 1 - ops.eye(self._classes)
        pairs = self._classes * (self._classes - 1)
        self.add_loss(self._push * ops.sum(others * near**2) / pairs)
        return _squared(_unit(features), centres)


def joint_trainer(model: keras.Model, weights: JointWeights) -> keras.Model:
    """A model that shares all layers of ``model`` and has the outputs logits and distances.

    The features are what goes into its layer called logits. Both outputs take the same targets.
    """
    head = model.get_layer("logits")
    distances = ClassCentres(head.units, weights.distance)(head.input)
    for variable in model.trainable_variables:
        if variable.name == "kernel":
            variable.regularizer = keras.regularizers.L2(weights.regularisation)
    return keras.Model(model.input, {"logits": model.output, "distances": distances})


def joint_losses(weights: JointWeights, group_weight: float = 0.0) -> dict[str, Any]:
    """``loss`` and ``loss_weights`` for compiling a ``joint_trainer``; see ``EmotionLoss``."""
    return {
        "loss": {
            "logits": EmotionLoss(group_weight),
            "distances": _distance_of_own_centre,
        },
        "loss_weights": {"logits": weights.classification, "distances": weights.distance},
    }


def _distance_of_own_centre(targets: Any, distances: Any) -> Any:
    return ops.sum(targets * distances, axis=-1)


def _unit(vectors: Any) -> Any:
    return vectors / ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + 1e-12)


def _squared(one: Any, other: Any) -> Any:
    """Squared distances (N, M) of unit vectors (N, F) and (M, F)."""
    return ops.maximum(2 - 2 * ops.matmul(one, ops.transpose(other)), 0)
