"""Layers that the networks share."""

from typing import Any

import keras


class BatchNorm(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch normalisation over the last axis; on pictures, PyTorch runs it by its fused kernel.

    Keras' own on the torch backend takes a dozen elementwise passes: on two CPU cores they cost
    as much as the convolutions do. Same variables, same result; other backends use Keras' own.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise (N, …, C) by the batch while training, else by the moving statistics."""
        if keras.backend.backend() != "torch" or len(inputs.shape) != 4 or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        from torch.nn.functional import batch_norm  # noqa: PLC0415 - other backends lack it

        out = batch_norm(
            inputs.permute(0, 3, 1, 2),
            self.moving_mean.value,
            self.moving_variance.value,
            self.gamma.value,
            self.beta.value,
            training=bool(training),
            momentum=1 - self.momentum,
            eps=self.epsilon,
        )
        return out.permute(0, 2, 3, 1)


class DepthwiseConv(keras.layers.DepthwiseConv2D):  # type: ignore[misc]
    """One kernel a channel, without bias, "same"; PyTorch gets it laid out as it likes it.

    As Keras lays it out there, the way back takes five times as long; other backends use its own.
    """

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__(kernel, stride, "same", use_bias=False)

    def call(self, inputs: Any) -> Any:
        """Convolve (N, H, W, C)."""
        if keras.backend.backend() != "torch":
            return super().call(inputs)
        from torch.nn.functional import conv2d, pad  # noqa: PLC0415 - other backends lack it

        pictures = inputs.permute(0, 3, 1, 2)
        (size, _), (stride, _) = self.kernel_size, self.strides
        around = [max(0, size - (side % stride or stride)) for side in pictures.shape[:1:-1]]
        ends = [end for each in around for end in (each // 2, each - each // 2)]
        kernel = self.kernel.value.permute(2, 3, 0, 1).contiguous()
        out = conv2d(pad(pictures, ends), kernel, stride=stride, groups=pictures.shape[1])
        return out.permute(0, 2, 3, 1)


def convolve(x: Any, channels: int, kernel: int = 3, stride: int = 1) -> Any:
    """A convolution without bias, and its batch normalisation; no activation."""
    x = keras.layers.Conv2D(
        channels, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    return BatchNorm(momentum=0.95)(x)


def four_dense(x: Any, classes: int, dropout: float = 0.0) -> Any:
    """The four dense layers that both networks of the main paper end in; the last gives logits.

    With a dropout the first three are normalised by the batch, too.
    """
    for n, units in enumerate((512, 256, 128)):
        x = keras.layers.Dense(units, use_bias=not dropout, kernel_initializer="he_normal")(x)
        if dropout:
            x = BatchNorm(momentum=0.95)(x)
        x = keras.layers.ReLU()(x)
        if dropout:
            # With a seed its state is one of the variables, so that a resumed run repeats it.
            x = keras.layers.Dropout(dropout, seed=100 + n)(x)
    return keras.layers.Dense(classes, name="logits")(x)


def over_channels(x: Any) -> Any:
    """Mean and maximum over the channels, side by side: (N, H, W, 2)."""
    mean = keras.ops.mean(x, axis=-1, keepdims=True)
    largest = keras.ops.max(x, axis=-1, keepdims=True)
    return keras.layers.Concatenate()([mean, largest])
