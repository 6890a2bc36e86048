"""Where everything about one training run lies."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RunFolder:
    """One folder: recipe, checkpoint, best weights, history, log, curves."""

    path: Path

    @property
    def recipe(self) -> Path:
        """The recipe as JSON."""
        return self.path / "recipe.json"

    @property
    def checkpoint(self) -> Path:
        """The whole state after the last finished epoch."""
        return self.path / "checkpoint.npz"

    @property
    def best(self) -> Path:
        """Averaged weights of the epoch with the lowest validation loss.

        Accuracy is a poorer judge: the class offsets fitted at export change it, and the loss
        also counts how sure the network was.
        """
        return self.path / "best.npz"

    @property
    def history(self) -> Path:
        """The figures of every epoch as JSON."""
        return self.path / "history.json"

    @property
    def log(self) -> Path:
        """The run's log."""
        return self.path / "train.log"

    @property
    def curves(self) -> Path:
        """Loss and accuracy over the epochs, as a picture."""
        return self.path / "curves.png"

    def read_history(self) -> list[dict[str, Any]]:
        """The figures of every epoch; empty before the first has ended."""
        if not self.history.is_file():
            return []
        history: list[dict[str, Any]] = json.loads(self.history.read_text(encoding="utf-8"))
        return history
