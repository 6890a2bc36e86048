"""What one training run does, in one validated record that is saved with the run."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from calmloop.base.errors import InputError
from calmloop.cli.outputs import write_text
from calmloop.training.augment.augmentation import UNCHANGED, Augmentation
from calmloop.training.data.faces import Faces, some_of, split_fold, split_validation

Share = Annotated[float, Field(ge=0, le=1)]


class RecipeError(InputError):
    """A recipe cannot be read, or is not the one that a run folder was made with."""


class Schedule(StrEnum):
    """How the learning rate falls after the warm-up."""

    COSINE = "cosine"
    STEP = "step"


JOINT_WEIGHTS = (1.0, 1e-4, 0.1)


class JointWeights(BaseModel):
    """Weights of the three terms of the joint loss; see ``joint_loss``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    classification: Annotated[float, Field(gt=0)] = JOINT_WEIGHTS[0]
    regularisation: Annotated[float, Field(ge=0)] = JOINT_WEIGHTS[1]
    distance: Annotated[float, Field(ge=0)] = JOINT_WEIGHTS[2]

    @classmethod
    def of(cls, classification: float, regularisation: float, distance: float) -> Self:
        """These weights.

        Raises:
            RecipeError: one is negative, or the first is 0.
        """
        try:
            return cls(
                classification=classification, regularisation=regularisation, distance=distance
            )
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            message = f"weight of {fault['loc'][0]}: {fault['input']}: {fault['msg']}"
            raise RecipeError(message) from error


PLAIN: dict[str, Any] = {
    "peak_learning_rate": 1e-3,
    "weight_decay": 0.0,
    "ema_decay": 0.0,
    "votes_share": 0.0,
    "label_smoothing": 0.0,
    "augmentation": UNCHANGED,
}
"""Hard labels, every face as it is, nothing averaged: what everything else is measured against."""


class Recipe(BaseModel):
    """Every choice of a run; the same recipe and data give the same first epoch.

    The defaults are those of the shipped network.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: str = "calm"
    epochs: Annotated[int, Field(ge=1, le=1000)] = 75
    batch_size: Annotated[int, Field(ge=2, le=4096)] = 128
    peak_learning_rate: Annotated[float, Field(gt=0, le=1)] = 2e-3
    warmup_epochs: Annotated[float, Field(ge=0)] = 2.0
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.05
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.999
    votes_share: Share = 0.3
    label_smoothing: Share = 0.03
    training_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    validation_fraction: Annotated[float, Field(gt=0, lt=0.5)] = 0.06
    precision: Annotated[str, Field(pattern="^(float32|mixed_bfloat16)$")] = "float32"
    seed: Annotated[int, Field(ge=0)] = 2
    augmentation: Augmentation = Augmentation()
    schedule: Schedule = Schedule.COSINE
    step_epochs: Annotated[int, Field(ge=1)] = 20
    class_weights: bool = False
    mix_p: Share = 0.0
    group_weight: Annotated[float, Field(ge=0, le=10)] = 0.0
    spoil_p: Share = 0.0
    no_face_p: Share = 0.0
    joint: JointWeights | None = None
    start: str | None = None
    teacher: str | None = None
    teacher_share: Share = 0.5
    teacher_temperature: Annotated[float, Field(ge=1, le=20)] = 2.0
    folds: Annotated[int, Field(ge=2, le=50)] | None = None
    fold: Annotated[int, Field(ge=0)] = 0
    merged: dict[str, float] | None = None
    """Shares of the runs whose weights were averaged, by name; such a run is not trained."""

    @model_validator(mode="after")
    def _fold_exists(self) -> Self:
        if self.fold >= (self.folds or 1):
            raise ValueError(f"fold is {self.fold}; with folds {self.folds} the last is one less")
        return self

    @model_validator(mode="after")
    def _doubt_is_learned_alone(self) -> Self:
        if self.spoil_p + self.no_face_p > 1:
            raise ValueError("spoil_p and no_face_p are more than all faces together")
        if self.learns_doubt and (self.joint is not None or self.class_weights):
            raise ValueError("spoil_p and no_face_p go with neither joint nor class_weights")
        return self

    @property
    def learns_doubt(self) -> bool:
        """Whether it is shown what cannot be read, with the answer that nothing can be told."""
        return self.spoil_p + self.no_face_p > 0

    @property
    def split_by(self) -> tuple[object, ...]:
        """What decides which faces are for validation."""
        return self.seed, self.validation_fraction, self.folds, self.fold

    def split(self, faces: Faces) -> tuple[Faces, Faces]:
        """(training, validation) of the training faces, by fold or by fraction.

        ``training_share`` of the first part is drawn, the same for the same seed.
        """
        if self.folds is not None:
            training, validation = split_fold(faces, self.folds, self.fold, self.seed)
        else:
            training, validation = split_validation(faces, self.validation_fraction, self.seed)
        if self.training_share < 1:
            training = some_of(training, self.training_share, self.seed)
        return training, validation

    def save(self, path: Path) -> None:
        """Write as indented JSON."""
        write_text(path, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Recipe":
        """Read what ``save`` wrote.

        Raises:
            RecipeError: for a missing or unfit file.
        """
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise RecipeError(f"{path} is not a recipe: {error}") from error

    def summary(self) -> dict[str, Any]:
        """The recipe as plain values, for the model card: of other files only the names."""
        files = {
            key: Path(path).name
            for key, path in (("teacher", self.teacher), ("start", self.start))
            if path is not None
        }
        return {
            **self.model_dump(exclude={"augmentation"}),
            **files,
            "augmentation": asdict(self.augmentation),
        }
