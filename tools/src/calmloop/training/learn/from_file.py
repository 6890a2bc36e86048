"""The weights of an int8 file as those of the network that it was exported from, to go on from.

Export folds each batch normalisation into the convolution before it. Here every kernel is read
back, and its normalisation is set up anew by what the convolution gives for some faces, so that
the network answers as the file does, while it trains, too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from calmloop.emotion_classifier import read_card
from calmloop.training.data.pixels import to_real
from calmloop.training.learn.recipe import Recipe, RecipeError
from calmloop.training.tflite.runtimes import open_interpreter

WEIGHED = ("CONV_2D", "FULLY_CONNECTED")
SAMPLE = 512
"""Faces by which the normalisations are set up."""

Floats = npt.NDArray[np.float32]


class Folded(NamedTuple):
    """A convolution or a dense layer of a file: its kernel in Keras' layout, and its bias."""

    kernel: Floats
    bias: Floats


def start_from_file(
    model: keras.Model, file: Path, recipe: Recipe, images: npt.NDArray[np.uint8]
) -> None:
    """Gives a network the weights of an int8 file of the same network.

    Args:
        model: Of plain convolutions, none of them depthwise, each with a batch normalisation, and
            one dense layer.
        file: A `.tflite` with its card beside it.
        recipe: Of the run that goes on from it.
        images: Faces (N, side, side) uint8 by which the normalisations are set up.

    Raises:
        RecipeError: the file is of another network, or chose by faces that this run learns from;
            or the network has layers that are not read back.
        CardError: file and card do not belong together.
    """
    _check_layers(model, file)
    _check(read_card(file).training, recipe, file)
    pairs = list(_paired(model, list(_layers(file)), file))
    for layer, norm, folded in pairs:
        layer.kernel.assign(folded.kernel)
        if norm is None:
            layer.bias.assign(folded.bias)
        else:
            still = (np.sqrt(1 + norm.epsilon), folded.bias, 0.0, 1.0)
            _set(norm, *(np.broadcast_to(part, folded.bias.shape) for part in still))
    convolutions = [(layer, norm) for layer, norm, _ in pairs if norm is not None]
    seen = keras.Model(model.input, [layer.output for layer, _ in convolutions])
    outputs = seen(to_real(images[:SAMPLE]), training=False)
    for (_, norm), given in zip(convolutions, outputs, strict=True):
        values = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(given, "float32")))
        mean, variance = values.mean(axis=(0, 1, 2)), values.var(axis=(0, 1, 2))
        gamma = np.sqrt(variance + norm.epsilon)
        _set(norm, gamma, norm.beta.numpy() + mean, mean, variance)


def _check_layers(model: keras.Model, file: Path) -> None:
    read_back = (keras.layers.Conv2D, keras.layers.Dense, keras.layers.BatchNormalization)
    others = [
        layer.name
        for layer in model.layers
        if layer.trainable_weights and not isinstance(layer, read_back)
    ]
    if others:
        raise RecipeError(
            f"{file}: of a network with layers such as {others[0]} the weights are not read back "
            "from an int8 file: go on from its run folder"
        )


def _check(trained: dict[str, Any], recipe: Recipe, file: Path) -> None:
    if trained.get("network") != recipe.network:
        raise RecipeError(
            f"{file} is of the network '{trained.get('network')}', and this run trains "
            f"'{recipe.network}'"
        )
    split = ("seed", "validation_fraction", "folds", "fold")
    differ = [key for key in split if trained.get(key) != getattr(recipe, key)]
    if differ:
        told = ", ".join(f"{key} {trained.get(key)}" for key in differ)
        raise RecipeError(
            f"{file} learned from faces that this run validates on: it was made with {told}; "
            "take the same here"
        )


def _layers(file: Path) -> Iterator[Folded]:
    interpreter: Any = open_interpreter(file)
    details = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    for operator in interpreter._get_ops_details():
        if operator["op_name"] in WEIGHED:
            kernel, bias = (
                _real(interpreter.get_tensor(n), details[n]) for n in operator["inputs"][1:3]
            )
            order = (1, 2, 3, 0) if kernel.ndim == 4 else (1, 0)
            yield Folded(kernel.transpose(order), bias)


def _real(values: npt.NDArray[Any], tensor: dict[str, Any]) -> Floats:
    how = tensor["quantization_parameters"]
    shape = [1] * values.ndim
    shape[how["quantized_dimension"]] = -1
    scales = how["scales"].reshape(shape)
    return np.asarray((values - how["zero_points"].reshape(shape)) * scales, np.float32)


def _paired(model: keras.Model, folded: list[Folded], file: Path) -> Iterator[tuple[Any, Any, Any]]:
    """Each layer that has a kernel, its normalisation or None, and its part of the file.

    Of layers of one shape the order is the same in both; a branch may come earlier or later.
    """
    for layer in model.layers:
        if not isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            continue
        shape = tuple(layer.kernel.shape)
        found = next((n for n, part in enumerate(folded) if part.kernel.shape == shape), None)
        if found is None:
            raise RecipeError(f"{file} has no layer of the shape {shape} for {layer.name}")
        part = folded.pop(found)
        after = layer._outbound_nodes[0].operation if layer._outbound_nodes else None
        is_normalised = isinstance(after, keras.layers.BatchNormalization)
        yield layer, after if is_normalised else None, part
    if folded:
        raise RecipeError(f"{file} has {len(folded)} layers more than the network of this run")


def _set(norm: Any, gamma: Floats, beta: Floats, mean: Floats, variance: Floats) -> None:
    for variable, value in (
        (norm.gamma, gamma),
        (norm.beta, beta),
        (norm.moving_mean, mean),
        (norm.moving_variance, variance),
    ):
        variable.assign(np.asarray(value, np.float32))
