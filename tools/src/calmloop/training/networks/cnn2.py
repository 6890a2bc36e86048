"""``cnn2``: Model 1 of the main paper, reconstructed.

The paper says 2 convolutions, 2 poolings and 4 dense layers, and that Model 2 has smaller kernels;
its figure with the sizes is lost, so that 5x5 and all widths are ours. Nothing regularises it: the
paper's overfits, 98 % on its training faces and 52 % on the others.
"""

import keras
from keras import layers

from calmloop.training.networks.layers import four_dense

CHANNELS = (32, 64)


def build(side_px: int, classes: int) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, output logits (N, classes)."""
    picture = x = layers.Input((side_px, side_px, 1), name="picture")
    for channels in CHANNELS:
        x = layers.Conv2D(
            channels, 5, padding="same", activation="relu", kernel_initializer="he_normal"
        )(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    return keras.Model(picture, four_dense(x, classes), name="cnn2")
