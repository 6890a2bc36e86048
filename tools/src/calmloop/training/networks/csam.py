"""``csam``: a VGG network with the parallel channel-spatial attention of He et al.

Unlike CBAM, which applies one after the other, both look at the same features: the channels by
their global average, the places by a convolution over mean and maximum; the two results are added.
The paper gives no sizes; these are ours. ``train --joint`` adds that paper's joint loss;
``high_order`` and ``refined`` add its other two modules, of which it says little: see ``enhanced``.
"""

from typing import Any

import keras
from keras import layers

from calmloop.training.networks.enhanced import high_order_residual, refine
from calmloop.training.networks.layers import convolve, over_channels

CHANNELS = (32, 64, 128, 256)
REDUCTION = 8
SPATIAL_KERNEL = 7


def build(
    side_px: int,
    classes: int,
    *,
    attention: bool = True,
    high_order: bool = False,
    refined: bool = False,
) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, output logits (N, classes)."""
    picture = x = layers.Input((side_px, side_px, 1), name="picture")
    stages: list[Any] = []
    for channels in CHANNELS:
        x = layers.MaxPooling2D()(x) if stages else x
        x = layers.ReLU()(convolve(x, channels))
        x = high_order_residual(x) if high_order else layers.ReLU()(convolve(x, channels))
        x = attend(x) if attention else x
        stages.append(x)
    x = refine(x, stages[-2]) if refined else x
    x = layers.GlobalAveragePooling2D()(layers.MaxPooling2D()(x))
    x = layers.Dropout(0.3, seed=0)(x)
    return keras.Model(picture, layers.Dense(classes, name="logits")(x), name="csam")


def attend(x: Any) -> Any:
    """Features (N, H, W, C) weighed by channel and by place at once, in parallel."""
    channels = x.shape[-1]
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Dense(channels // REDUCTION, activation="relu")(weights)
    weights = layers.Dense(channels, activation="sigmoid")(weights)
    places = layers.Conv2D(1, SPATIAL_KERNEL, padding="same", activation="sigmoid")(
        over_channels(x)
    )
    return layers.Add()([layers.Multiply()([x, weights]), layers.Multiply()([x, places])])
