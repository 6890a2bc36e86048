"""The weights that a network has from ImageNet, as a PyTorch file, to go on from. Needs PyTorch.

Of such a file every layer but the last is taken: that one names other things than emotions do.
"""

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from calmloop.training.learn.recipe import RecipeError
from calmloop.training.networks.lite0 import OWN

Floats = npt.NDArray[np.float32]
UNREADABLE = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    AttributeError,
    pickle.UnpicklingError,
)
"""What PyTorch raises for a file that it cannot load, or that holds something else."""
OF_NORMALISATION = ("weight", "bias", "running_mean", "running_var")


def start_from_imagenet(model: keras.Model, file: Path) -> None:
    """Gives a network the weights of a PyTorch file of the same layers in the same order.

    Args:
        model: Of convolutions without bias, each with a batch normalisation, and one dense layer
            at its end, which keeps what it has, as does a layer whose name begins with `own`. Its
            input has one channel.
        file: A state dictionary (`.pth`), whose first kernel is over red, green and blue, each
            in -1 to 1: their sum sees a gray picture alike.

    Raises:
        RecipeError: the file cannot be read, or is of another network.
    """
    parts = _parts(file)
    for layer in model.layers:
        if layer.name.startswith(OWN):
            continue
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            _give(layer.kernel, _kernel(layer, *_next(parts, layer, file)), layer, file)
        elif isinstance(layer, keras.layers.BatchNormalization):
            found = _next(parts, layer, file, OF_NORMALISATION)
            variables = (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
            for variable, values in zip(variables, found, strict=True):
                _give(variable, values, layer, file)


def _parts(file: Path) -> Iterator[tuple[str, Floats]]:
    try:
        import torch  # noqa: PLC0415 - the environment need not have it
    except ModuleNotFoundError as error:
        raise RecipeError(
            f"{file} is read by PyTorch, which is not installed here: "
            "`.venv-train/bin/pip install torch`, the build that fits your machine"
        ) from error
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        values = [(key, np.asarray(value, np.float32)) for key, value in state.items()]
    except UNREADABLE as error:
        raise RecipeError(f"{file} holds no weights of PyTorch: {error}") from error
    return iter([(key, each) for key, each in values if not key.endswith("num_batches_tracked")])


def _next(
    parts: Iterator[tuple[str, Floats]],
    layer: Any,
    file: Path,
    names: tuple[str, ...] = ("weight",),
) -> list[Floats]:
    found = []
    for name in names:
        key, values = next(parts, ("its end", np.empty(0, np.float32)))
        if not key.endswith(f".{name}"):
            raise RecipeError(f"{file} has {key} where the network has the {name} of {layer.name}")
        found.append(values)
    return found


def _kernel(layer: Any, values: Floats) -> Floats:
    if values.ndim != 4:
        return values
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return values.transpose(2, 3, 0, 1)
    if layer.kernel.shape[2] == 1:
        values = values.sum(axis=1, keepdims=True)
    return values.transpose(2, 3, 1, 0)


def _give(variable: Any, values: Floats, layer: Any, file: Path) -> None:
    if tuple(variable.shape) != values.shape:
        raise RecipeError(
            f"{file} has {values.shape} where the network has {tuple(variable.shape)} "
            f"in {layer.name}"
        )
    variable.assign(values)
