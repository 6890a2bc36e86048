"""The whole state of a training run in one file that is replaced at once or not at all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from calmloop.base.errors import CalmloopError
from calmloop.cli.outputs import whole_file

FloatArrays = list[npt.NDArray[Any]]


class Variable(Protocol):
    """The part of a Keras variable that is used here."""

    shape: tuple[int, ...]

    def assign(self, value: npt.NDArray[Any]) -> object:
        """Take the value."""

    def numpy(self) -> npt.NDArray[Any]:
        """The value."""


class CheckpointError(CalmloopError):
    """A checkpoint does not belong to this network or recipe; the message says what differs."""


@dataclass
class EpochMetrics:
    """What one epoch came to: its loss, and how the averaged weights did on faces as they are.

    ``loss`` is of augmented faces and soft targets. The validation loss is the cross-entropy
    against FER's labels at the best temperature, which export fits, too: soft targets and groups
    in the loss make a network doubt too much or too little, whatever it knows.
    """

    epoch: int
    loss: float
    validation_loss: float
    training_accuracy: float
    validation_accuracy: float
    learning_rate: float
    duration_s: float


@dataclass
class RunState:
    """All that a run needs to go on: variables as arrays, and the epochs done so far.

    Random numbers need no entry: each batch draws from a generator seeded by run, epoch and batch,
    and a dropout layer that was given a seed keeps its state among the model's variables.
    """

    model: FloatArrays
    optimizer: FloatArrays
    average: FloatArrays
    history: list[EpochMetrics] = field(default_factory=list)


def read_variables(variables: Sequence[Variable]) -> FloatArrays:
    """Copies of the variables' values."""
    return [np.array(variable.numpy()) for variable in variables]


def write_variables(variables: Sequence[Variable], values: FloatArrays) -> None:
    """Assign values one by one.

    Raises:
        CheckpointError: number or shapes differ.
    """
    if len(variables) != len(values):
        raise CheckpointError(
            f"the checkpoint holds {len(values)} variables and the network has {len(variables)}; "
            "use the recipe it was made with"
        )
    for variable, value in zip(variables, values, strict=True):
        expected = tuple(variable.shape)
        if expected != value.shape:
            raise CheckpointError(f"a variable is {expected} and the checkpoint's is {value.shape}")
        variable.assign(value)


def save_state(path: Path, state: RunState) -> None:
    """Write beside ``path``, flush to disk, then take its place."""
    arrays = {
        f"{name}_{n:04d}": value
        for name in ("model", "optimizer", "average")
        for n, value in enumerate(getattr(state, name))
    }
    history = json.dumps([vars(epoch) for epoch in state.history])
    _replace(path, {**arrays, "history": np.array(history)})


def load_state(path: Path) -> RunState:
    """Read what ``save_state`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        named = {key: file[key] for key in file.files}
    history = [EpochMetrics(**epoch) for epoch in json.loads(str(named.pop("history")))]

    def listed(name: str) -> FloatArrays:
        return [named[key] for key in sorted(named) if key.startswith(name + "_")]

    return RunState(listed("model"), listed("optimizer"), listed("average"), history)


def save_weights(path: Path, values: FloatArrays) -> None:
    """Write a network's weights alone, in the order of ``model.weights``."""
    _replace(path, {f"weight_{n:04d}": value for n, value in enumerate(values)})


def load_weights(path: Path) -> FloatArrays:
    """Read what ``save_weights`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return [file[key] for key in sorted(file.files)]


def _replace(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> None:
    with whole_file(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
