"""Where everything about one training run lies."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from calmloop.cli.outputs import write_text
from calmloop.training.data.faces import Faces
from calmloop.training.learn.checkpoint import EpochMetrics
from calmloop.training.learn.recipe import Recipe, RecipeError


@dataclass(frozen=True)
class RunFolder:
    """One folder: recipe, checkpoint, best weights, history, log, curves."""

    path: Path

    @property
    def recipe(self) -> Path:
        """The recipe as JSON."""
        return self.path / "recipe.json"

    @property
    def data_digest(self) -> Path:
        """The digest of the training faces, validation included."""
        return self.path / "data.sha256"

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
        """The metrics of every epoch as JSON."""
        return self.path / "history.json"

    @property
    def log(self) -> Path:
        """The run's log."""
        return self.path / "train.log"

    @property
    def curves(self) -> Path:
        """Loss and accuracy over the epochs, as a picture."""
        return self.path / "curves.png"

    def begin(self, recipe: Recipe, faces: Faces) -> None:
        """Say what is trained here, and on which faces."""
        recipe.save(self.recipe)
        write_text(self.data_digest, faces.digest() + "\n")

    def check_same(self, recipe: Recipe, faces: Faces) -> None:
        """Raise RecipeError when what is trained here has another recipe or other faces."""
        begun = Recipe.load(self.recipe)
        names = [
            name for name in Recipe.model_fields if getattr(begun, name) != getattr(recipe, name)
        ]
        if names:
            raise RecipeError(
                f"{self.path} holds a run with another recipe: {', '.join(names)} differ; name "
                "another folder, or the same recipe"
            )
        self.check_data(faces)

    def check_data(self, faces: Faces) -> None:
        """Raise RecipeError when the run was trained on other faces."""
        if not self.has_data(faces):
            raise RecipeError(
                f"{self.path} was trained on other faces; name the data that it was trained on"
            )

    def has_data(self, faces: Faces) -> bool:
        """Whether the run was trained on these faces."""
        known = self.data_digest
        return known.is_file() and known.read_text(encoding="ascii").strip() == faces.digest()

    def write_history(self, history: Sequence[EpochMetrics]) -> None:
        """Replace the metrics of every epoch, at once or not at all."""
        text = json.dumps([asdict(epoch) for epoch in history], indent=1)
        write_text(self.history, text + "\n")

    def read_history(self) -> list[dict[str, Any]]:
        """The metrics of every epoch; empty before the first has ended."""
        if not self.history.is_file():
            return []
        history: list[dict[str, Any]] = json.loads(self.history.read_text(encoding="utf-8"))
        return history
