"""``cnn8``: Model 2 of the main paper, reconstructed.

The paper says 8 convolutions with smaller kernels, 4 poolings, 4 dense layers, batch normalisation
and dropout; its figure with the sizes is lost, so that all widths and rates are ours.
"""

import keras
from keras import layers

from calmloop.training.networks.layers import convolve, four_dense

CHANNELS = (32, 64, 128, 256)
"""Two convolutions of each, then a pooling."""
DROPOUT_AFTER_POOLING = 0.25
DROPOUT_AFTER_DENSE = 0.3


def build(side_px: int, classes: int) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, output logits (N, classes)."""
    picture = x = layers.Input((side_px, side_px, 1), name="picture")
    for n, channels in enumerate(CHANNELS):
        for _ in range(2):
            x = layers.ReLU()(convolve(x, channels))
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(DROPOUT_AFTER_POOLING, seed=n)(x)
    x = layers.Flatten()(x)
    return keras.Model(picture, four_dense(x, classes, DROPOUT_AFTER_DENSE), name="cnn8")
