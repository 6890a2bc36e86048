"""He et al.'s enhanced high-order residual module (EHORM) and refinement module, reconstructed.

What the paper says, and all it says: an "advanced residual module featuring squeeze-and-excitation
blocks" that fuses "multi-order features", has fewer parameters by depthwise separable convolutions,
and looks more at the key regions; a "refinement module" at the end, for "facial detail", where
"branch and main networks" are combined and share one loss. It has neither equation nor figure nor
size of either. Each function says what of it is our guess.
"""

from typing import Any

from keras import layers

from calmloop.training.networks.layers import BatchNorm, convolve

ORDERS = 3
"""A guess: the third order is the first that plain residuals of residuals do not have."""
REDUCTION = 8


def high_order_residual(x: Any) -> Any:
    """Features (N, H, W, C) and their residuals of three orders, weighed by channel; same shape.

    The paper's: several orders fused, depthwise separable convolutions, squeeze and excitation.
    Our guess: an order is a separable convolution of the order before, x + F1 + F2(F1) + F3(F2)
    fuses them, and it stands where a VGG block has its second convolution, whose weights are
    9 C^2 to 3.25 C^2 here.
    """
    order, orders = x, []
    for _ in range(ORDERS):
        order = layers.ReLU()(separable(order, x.shape[-1]))
        orders.append(order)
    return layers.ReLU()(layers.Add()([x, squeeze_and_excite(layers.Add()(orders))]))


def refine(main: Any, finer: Any) -> Any:
    """The last features (N, H, W, C) with the details of finer ones (N, 2 H, 2 W, D); same shape.

    The paper's: a branch beside the main network, for detail, before the classes, with one loss
    for both. Our guess: the branch looks at the stage before the last, comes to the main one's
    size by a separable convolution in steps of two, and what a 1x1 convolution makes of both is
    added to the main one.
    """
    channels = main.shape[-1]
    detail = layers.ReLU()(separable(finer, channels, stride=2))
    both = layers.Concatenate()([main, detail])
    return layers.ReLU()(layers.Add()([main, convolve(both, channels, kernel=1)]))


def squeeze_and_excite(x: Any) -> Any:
    """Features (N, H, W, C) weighed by channel from their averages (Hu et al., 2018)."""
    channels = x.shape[-1]
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Dense(channels // REDUCTION, activation="relu")(weights)
    return layers.Multiply()([x, layers.Dense(channels, activation="sigmoid")(weights)])


def separable(x: Any, channels: int, stride: int = 1) -> Any:
    """A 3x3 convolution of each channel, a 1x1 one across them; each normalised, no activation."""
    x = layers.DepthwiseConv2D(3, stride, "same", use_bias=False)(x)
    return convolve(BatchNorm(momentum=0.95)(x), channels, kernel=1)
