"""A head that decides between three groups and still gives seven logits, so that all else fits."""

from typing import Any

import numpy as np
from keras import layers

from calmloop.base.errors import CalmloopError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.labels import GROUP_COLUMNS, SURPRISE

SURPRISE_OFFSET = -8.0
"""How far below the mean group logit surprise lies: e^-8, next to never named."""


class HeadError(CalmloopError):
    """The head knows the seven emotions only."""


def three_group_head(x: Any, classes: int) -> Any:
    """Features (N, F) to logits (N, 7) through three trained outputs, as in Zhou and Yang.

    The softmax summed over a group is that of its output: each output goes, lowered by the
    logarithm of the group's size, to all its emotions. A face labelled surprise, which is in no
    group, teaches the network doubt between the three.

    Raises:
        HeadError: for other than 7 classes.
    """
    if classes != len(EMOTIONS):
        raise HeadError(f"{classes} classes are asked for; the three groups have {len(EMOTIONS)}")
    groups = layers.Dense(len(GROUP_COLUMNS), name="groups")(x)
    spread = layers.Dense(classes, trainable=False, name="logits")
    logits = spread(groups)
    spread.set_weights(list(_spreading()))
    return logits


def _spreading() -> tuple[Any, Any]:
    """Kernel (3, 7) and bias (7,) that hand each group's output to its emotions."""
    kernel = np.zeros((len(GROUP_COLUMNS), len(EMOTIONS)), np.float32)
    bias = np.zeros(len(EMOTIONS), np.float32)
    for n, columns in enumerate(GROUP_COLUMNS.values()):
        kernel[n, columns] = 1
        bias[columns] = -np.log(len(columns))
    kernel[:, SURPRISE] = 1 / len(GROUP_COLUMNS)
    bias[SURPRISE] = SURPRISE_OFFSET
    return kernel, bias
