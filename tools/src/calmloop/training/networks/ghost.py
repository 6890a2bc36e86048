"""``ghost``: residual Ghost modules with channel and multi-scale spatial attention, after He et al.

A Ghost module (Han et al., 2020) computes half of its channels and derives the other half from
them by a cheap depthwise convolution. The paper gives no sizes; these are ours. ``cutout_p`` in a
recipe adds its cutout masks, ``train --joint`` its joint loss.
"""

from typing import Any

import keras
from keras import layers

from calmloop.training.networks.layers import BatchNorm, convolve, over_channels

STEM_CHANNELS = 32
STAGE_CHANNELS = (32, 64, 128, 224)
BLOCKS_PER_STAGE = 2
REDUCTION = 8
SPATIAL_KERNELS = (3, 5, 7)


def build(
    side_px: int,
    classes: int,
    *,
    ghosts: bool = True,
    squeeze: bool = True,
    scales: bool = True,
) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, output logits (N, classes)."""
    picture = layers.Input((side_px, side_px, 1), name="picture")
    x = layers.ReLU()(convolve(picture, STEM_CHANNELS, stride=2))
    for stage, channels in enumerate(STAGE_CHANNELS):
        for block in range(BLOCKS_PER_STAGE):
            stride = 2 if stage and not block else 1
            x = _residual(x, channels, stride, ghosts=ghosts, squeeze=squeeze)
    x = look_at_places(x) if scales else x
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2, seed=0)(x)
    return keras.Model(picture, layers.Dense(classes, name="logits")(x), name="ghost")


def ghost_module(x: Any, channels: int) -> Any:
    """Half of the channels by a 1x1 convolution, the other half from those, depthwise."""
    primary = layers.ReLU()(convolve(x, channels // 2, kernel=1))
    return layers.Concatenate()([primary, layers.ReLU()(_depthwise(primary))])


def weigh_channels(x: Any) -> Any:
    """Squeeze and excitation from the average and the maximum, through the same two layers."""
    channels = x.shape[-1]
    squeeze = layers.Dense(channels // REDUCTION, activation="relu")
    excite = layers.Dense(channels)
    pooled = (
        layers.GlobalAveragePooling2D(keepdims=True)(x),
        layers.GlobalMaxPooling2D(keepdims=True)(x),
    )
    total = layers.Add()([excite(squeeze(one)) for one in pooled])
    return layers.Multiply()([x, layers.Activation("sigmoid")(total)])


def look_at_places(x: Any) -> Any:
    """Features weighed by place, each place seen at three scales."""
    summary = over_channels(x)
    scales = [layers.Conv2D(1, kernel, padding="same")(summary) for kernel in SPATIAL_KERNELS]
    return layers.Multiply()([x, layers.Activation("sigmoid")(layers.Add()(scales))])


def _residual(x: Any, channels: int, stride: int, *, ghosts: bool, squeeze: bool) -> Any:
    expanded = 2 * channels
    branch = ghost_module(x, expanded) if ghosts else layers.ReLU()(convolve(x, expanded, kernel=1))
    if stride != 1:
        branch = _depthwise(branch, stride)
    if squeeze:
        branch = weigh_channels(branch)
    # The second Ghost module of a bottleneck has no activation at its end.
    branch = convolve(branch, channels // 2 if ghosts else channels, kernel=1)
    if ghosts:
        branch = layers.Concatenate()([branch, _depthwise(branch)])
    if stride != 1 or x.shape[-1] != channels:
        x = convolve(x, channels, kernel=1, stride=stride)
    return layers.Add()([x, branch])


def _depthwise(x: Any, stride: int = 1) -> Any:
    x = layers.DepthwiseConv2D(3, stride, "same", use_bias=False)(x)
    return BatchNorm(momentum=0.95)(x)
