"""Layers that the networks share."""

from typing import Any

import keras


class BatchNorm(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch normalisation over the last axis that uses PyTorch's fused kernel when that trains.

    Keras' own on the torch backend takes a dozen elementwise passes: on two CPU cores they cost
    as much as the convolutions do. Same variables, same result; other backends use Keras' own.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise (N, H, W, C) by the batch while training, else by the moving statistics."""
        if keras.backend.backend() != "torch" or not training or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        from torch.nn.functional import batch_norm  # noqa: PLC0415 - other backends lack it

        out = batch_norm(
            inputs.permute(0, 3, 1, 2),
            self.moving_mean.value,
            self.moving_variance.value,
            self.gamma.value,
            self.beta.value,
            training=True,
            momentum=1 - self.momentum,
            eps=self.epsilon,
        )
        return out.permute(0, 2, 3, 1)
