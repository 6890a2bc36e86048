"""``resnet50``: Keras' ResNet50 with the three-group head of Zhou and Yang, from random weights.

Their head: dropout 0.5, then one dense layer with three outputs. They start from ImageNet, which
is not assumed to be here.
"""

import keras
from keras import layers

from calmloop.training.networks.three_groups import three_group_head


def build(side_px: int, classes: int) -> keras.Model:
    """Input (N, side, side, 1) in -1 to 1, output logits (N, 7); side 32 or more."""
    picture = layers.Input((side_px, side_px, 1), name="picture")
    backbone = keras.applications.ResNet50(
        include_top=False, weights=None, input_tensor=picture, pooling="avg"
    )
    x = layers.Dropout(0.5, seed=0)(backbone.output)
    return keras.Model(picture, three_group_head(x, classes), name="resnet50")
