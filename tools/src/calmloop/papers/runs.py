"""A run that goes on where it was killed: a whole checkpoint after every epoch, at once or not."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from calmloop.base.errors import InputError
from calmloop.cli.outputs import whole_file

Metrics = dict[str, float]


class Restorable(Protocol):
    """What a checkpoint keeps: a network, an optimizer."""

    def state_dict(self) -> dict[str, Any]:
        """All that it needs to go on."""

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """Take that again."""


class RunRecipe(Protocol):
    """How a run trains, as pydantic writes it; its seed counts where it has one."""

    def model_dump_json(self) -> str:
        """The same for the same recipe."""


def run_epochs(
    folder: Path,
    recipe: RunRecipe,
    digest: str,
    parts: Mapping[str, Restorable],
    epochs: int,
    train_epoch: Callable[[int], Metrics],
) -> list[Metrics]:
    """Trains the epochs that are left; returns the metrics of all, with ``duration_s``.

    ``train_epoch`` may draw from PyTorch's generator: it is seeded by the epoch before each.

    Raises:
        InputError: the folder holds a run of another recipe, or on other faces.
    """
    begun = {"recipe": recipe.model_dump_json(), "digest": digest}
    history = _resume(folder, begun, parts)
    for epoch in range(len(history), epochs):
        torch.manual_seed(getattr(recipe, "seed", 0) * 10_007 + epoch)
        started_s = time.monotonic()
        metrics = train_epoch(epoch)
        history.append({**metrics, "duration_s": time.monotonic() - started_s})
        state = {name: part.state_dict() for name, part in parts.items()}
        with whole_file(folder / "checkpoint.pt") as file:
            torch.save({**begun, "history": history, "parts": state}, file)
    return history


def _resume(folder: Path, begun: dict[str, str], parts: Mapping[str, Restorable]) -> list[Metrics]:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "checkpoint.pt").is_file():
        return []
    saved = read_checkpoint(folder)
    for key, says in (("recipe", "another recipe"), ("digest", "other faces")):
        if saved[key] != begun[key]:
            raise InputError(f"{folder} holds a run with {says}: name another folder")
    for name, part in parts.items():
        part.load_state_dict(saved["parts"][name])
    return list(saved["history"])


def read_checkpoint(folder: Path) -> dict[str, Any]:
    """What ``run_epochs`` last wrote: recipe as JSON, digest, history, parts.

    Raises:
        InputError: no epoch has ended there.
    """
    path = folder / "checkpoint.pt"
    try:
        saved: dict[str, Any] = torch.load(path, weights_only=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{path} cannot be read: train at least one epoch there") from error
    return saved
