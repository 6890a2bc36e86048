"""``calm``: a plain residual network for int8 on a small CPU.

Only 3x3 convolutions, ReLU, addition and one average: operators that every TFLite runtime has and
that quantise without loss of accuracy worth naming. The first layer halves the picture at once,
and each stage halves it again while it doubles the channels, so that the work is spread evenly.
"""

from typing import Any

import keras
from keras import layers

from calmloop.training.networks.layers import convolve

STEM_CHANNELS = 32
STAGES = ((32, 1), (64, 2), (128, 2), (192, 1))
"""Channels and residual blocks of each stage."""


def build(side_px: int, classes: int) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, output logits (N, classes)."""
    picture = layers.Input((side_px, side_px, 1), name="picture")
    x = layers.ReLU()(convolve(picture, STEM_CHANNELS, kernel=5, stride=2))
    for n, (channels, blocks) in enumerate(STAGES):
        x = _residual(x, channels, stride=1 if n == 0 else 2)
        for _ in range(blocks - 1):
            x = _residual(x, channels, stride=1)
    x = layers.GlobalAveragePooling2D()(x)
    # With a seed its state is one of the model's variables, so that a resumed run repeats it.
    x = layers.Dropout(0.2, seed=0)(x)
    return keras.Model(picture, layers.Dense(classes, name="logits")(x), name="calm")


def _residual(x: Any, channels: int, stride: int) -> Any:
    branch = layers.ReLU()(convolve(x, channels, stride=stride))
    branch = convolve(branch, channels)
    if stride != 1 or x.shape[-1] != channels:
        x = convolve(x, channels, kernel=1, stride=stride)
    return layers.ReLU()(layers.Add()([x, branch]))
