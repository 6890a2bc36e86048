"""What one training run does, in one validated record that is saved with the run."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from calmloop.errors import CalmloopError

from .augment import Augmentation

Share = Annotated[float, Field(ge=0, le=1)]


class RecipeError(CalmloopError):
    """A recipe cannot be read, or is not the one that a run folder was made with."""


class Recipe(BaseModel):
    """Every choice of a run; the same recipe and data give the same first epoch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: str = "calm"
    epochs: Annotated[int, Field(ge=1, le=1000)] = 40
    batch_size: Annotated[int, Field(ge=2, le=4096)] = 128
    peak_learning_rate: Annotated[float, Field(gt=0, le=1)] = 2e-3
    warmup_epochs: Annotated[float, Field(ge=0)] = 2.0
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.02
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.998
    votes_share: Share = 0.5
    label_smoothing: Share = 0.05
    validation_fraction: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    precision: Annotated[str, Field(pattern="^(float32|mixed_bfloat16)$")] = "float32"
    seed: Annotated[int, Field(ge=0)] = 1
    augmentation: Augmentation = Augmentation()

    def save(self, path: Path) -> None:
        """Write as indented JSON."""
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Recipe":
        """Read what ``save`` wrote; raises RecipeError for a missing or unfit file."""
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RecipeError(f"{path} is not a recipe: {error}") from error

    def summary(self) -> dict[str, Any]:
        """The recipe as plain values, for the model card."""
        return {
            **self.model_dump(exclude={"augmentation"}),
            "augmentation": asdict(self.augmentation),
        }
