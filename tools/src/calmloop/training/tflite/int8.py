"""A Keras network as a full int8 TFLite file, which may see each face twice. Needs TensorFlow."""

from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from calmloop.training.data.pixels import to_real

Faces = npt.NDArray[np.uint8]
Look = Callable[[keras.Model, tf.Tensor], tf.Tensor]
"""How a network looks at pictures (N, side, side, 1): logits (N, classes)."""


def once(model: keras.Model, pictures: tf.Tensor) -> tf.Tensor:
    """As they are."""
    return model(pictures, training=False)


def mirrored(model: keras.Model, pictures: tf.Tensor) -> tf.Tensor:
    """Mean logits (N, classes) over pictures (N, side, side, 1) and their mirror images.

    Half a point of accuracy for twice the time, and a turned head reads alike from either side.
    """
    both = tf.concat([pictures, tf.reverse(pictures, [2])], 0)
    return tf.reduce_mean(tf.stack(tf.split(model(both, training=False), 2)), 0)


def to_int8(model: keras.Model, look: Look, faces: Faces) -> bytes:
    """The network and its look: int8 in and out, weights per channel, ranges of faces (N, 48, 48).

    Fails where an operator cannot be int8.
    """
    side_px = faces.shape[1]
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        "serve",
        lambda picture: look(model, picture),
        input_signature=[tf.TensorSpec((1, side_px, side_px, 1), tf.float32, "picture")],
    )
    with TemporaryDirectory() as folder:
        archive.write_out(folder, verbose=False)
        return _convert(tf.lite.TFLiteConverter.from_saved_model(folder), faces)


def _convert(converter: tf.lite.TFLiteConverter, faces: Faces) -> bytes:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: _representative(faces)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def _representative(faces: Faces) -> Iterator[list[npt.NDArray[np.float32]]]:
    """Faces one by one; the first gets a black and a white pixel, so that the range is whole."""
    pictures = faces.copy()
    pictures[0, 0, :2] = (0, 255)
    for picture in pictures:
        yield [to_real(picture[None])]
