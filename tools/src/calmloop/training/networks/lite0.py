"""``lite0``: EfficientNet-Lite0 (Tan and Le, 2019; Google, 2020) on faces enlarged to 96 pixels.

Made for int8: ReLU6 and no squeeze and excitation. It is worth its size with the weights that were
learned on ImageNet (``--start FILE.pth``); from random weights 27,000 faces are too few for it.
"""

from typing import Any, NamedTuple

import keras
from keras import layers

from calmloop.training.networks.layers import BatchNorm, DepthwiseConv

STEM_CHANNELS, HEAD_CHANNELS, TRUNK_HEAD_CHANNELS = 32, 1280, 640
OWN = "own"
"""What the names of layers begin with that a file of ImageNet's weights does not have."""


class Stage(NamedTuple):
    """Inverted bottlenecks of one width; the first has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def build(side_px: int, classes: int, seen_px: int = 96, stages: int = len(STAGES)) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, seen at ``seen_px``; output logits (N, classes).

    With fewer ``stages`` than all, a narrower layer of its own follows the last of them.
    """
    picture = layers.Input((side_px, side_px, 1), name="picture")
    x = layers.Resizing(seen_px, seen_px, name="enlarged")(picture)
    x = _then_relu6(layers.Conv2D(STEM_CHANNELS, 3, 2, "same", use_bias=False)(x))
    for stage in STAGES[:stages]:
        for n in range(stage.blocks):
            x = _bottleneck(x, stage, stage.stride if n == 0 else 1)
    if stages == len(STAGES):
        x = _then_relu6(layers.Conv2D(HEAD_CHANNELS, 1, use_bias=False)(x))
    else:
        own = layers.Conv2D(TRUNK_HEAD_CHANNELS, 1, use_bias=False, name=f"{OWN}-head")
        x = layers.ReLU(6.0)(BatchNorm(momentum=0.95, epsilon=1e-3, name=f"{OWN}-norm")(own(x)))
    x = layers.GlobalAveragePooling2D()(x)
    # With a seed its state is one of the model's variables, so that a resumed run repeats it.
    x = layers.Dropout(0.3, seed=0)(x)
    return keras.Model(picture, layers.Dense(classes, name="logits")(x), name="lite0")


def _bottleneck(x: Any, stage: Stage, stride: int) -> Any:
    inner = x
    if stage.expansion > 1:
        wide = stage.expansion * x.shape[-1]
        inner = _then_relu6(layers.Conv2D(wide, 1, use_bias=False)(x))
    inner = _then_relu6(DepthwiseConv(stage.kernel, stride)(inner))
    inner = _normalised(layers.Conv2D(stage.channels, 1, use_bias=False)(inner))
    if stride == 1 and x.shape[-1] == stage.channels:
        return layers.Add()([x, inner])
    return inner


def _then_relu6(x: Any) -> Any:
    return layers.ReLU(6.0)(_normalised(x))


def _normalised(x: Any) -> Any:
    return BatchNorm(momentum=0.95, epsilon=1e-3)(x)
