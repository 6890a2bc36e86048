"""``vgg16``: Keras' VGG16 with the three-group head of Zhou and Yang, from random weights.

A picture of 48 pixels leaves one place of 512 channels before the dense layers; they have 512
units here, not the 4096 that a place of 7x7 was given.
"""

import keras
from keras import layers

from calmloop.training.networks.three_groups import three_group_head

DENSE_UNITS = 512


def build(side_px: int, classes: int) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, output logits (N, 7); side 32 or more."""
    picture = layers.Input((side_px, side_px, 1), name="picture")
    backbone = keras.applications.VGG16(include_top=False, weights=None, input_tensor=picture)
    x = layers.Flatten()(backbone.output)
    for n in range(2):
        x = layers.Dense(DENSE_UNITS, activation="relu", kernel_initializer="he_normal")(x)
        x = layers.Dropout(0.5, seed=n)(x)
    return keras.Model(picture, three_group_head(x, classes), name="vgg16")
