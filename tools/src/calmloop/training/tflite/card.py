"""The JSON card that lies beside a ``.tflite`` file and says what it is and how to feed it."""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from calmloop.base.errors import CalmloopError
from calmloop.cli.outputs import write_text
from calmloop.contract.messages.emotion import EMOTIONS

NAME_PATTERN = r"^[a-z0-9-]{1,30}$"
LONGEST_VERSION = 30

Share = Annotated[float, Field(ge=0, le=1)]


class CardError(CalmloopError):
    """A model and its card do not belong together; the message says what differs."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputSpec(_Part):
    """The picture: gray, square, uint8 pixels turned to int8 by scale and zero point."""

    size: Annotated[int, Field(ge=16, le=512)]
    channels: Literal[1] = 1
    dtype: Literal["int8"] = "int8"
    scale: Annotated[float, Field(gt=0)]
    zero_point: Annotated[int, Field(ge=-128, le=127)]
    pixel_scale: Annotated[float, Field(gt=0)]
    pixel_offset: float
    preprocess: str


class OutputSpec(_Part):
    """The seven logits: real = (int8 - zero point) * scale."""

    kind: Literal["logits"] = "logits"
    dtype: Literal["int8"] = "int8"
    scale: Annotated[float, Field(gt=0)]
    zero_point: Annotated[int, Field(ge=-128, le=127)]


class FramingSpec(_Part):
    """The square to cut around a Viola-Jones box; see ``calmloop.training.export.framing``."""

    box_scale: Annotated[float, Field(gt=0.5, lt=2)]
    dx: Annotated[float, Field(gt=-0.5, lt=0.5)]
    dy: Annotated[float, Field(gt=-0.5, lt=0.5)]
    note: str = ""


class Thresholds(_Part):
    """The probability (after the temperature) that the likeliest group has to exceed.

    Else the label is unknown; positive, which raises the stimulus, needs more, and 1 is never.
    """

    min_confidence: Share
    min_confidence_positive: Share


class ModelCard(_Part):
    """Everything a service must know to use the network, and a person to judge it."""

    format: Literal[1] = 1
    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    version: Annotated[str, Field(min_length=1, max_length=LONGEST_VERSION)]
    labels: tuple[str, ...] = EMOTIONS
    input: InputSpec
    output: OutputSpec
    framing: FramingSpec
    temperature: Annotated[float, Field(gt=0, le=10)]
    thresholds: Thresholds
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    operators: tuple[str, ...]
    data: dict[str, Any]
    training: dict[str, Any]
    metrics: dict[str, Any]
    licence: str
    intended_use: str
    limits: tuple[str, ...]

    @model_validator(mode="after")
    def _labels_are_ours(self) -> Self:
        if self.labels != EMOTIONS:
            raise ValueError(f"labels are {list(self.labels)}, {list(EMOTIONS)} are expected")
        return self


def card_path(model: Path) -> Path:
    """``calm.json`` beside ``calm.tflite``."""
    return model.with_suffix(".json")


def digest(model: Path) -> str:
    """SHA-256 of the file as hexadecimal."""
    return hashlib.sha256(model.read_bytes()).hexdigest()


def write_card(card: ModelCard, model: Path) -> Path:
    """Write the card beside the model; raises CardError when the digest is not the model's."""
    _check_digest(card, model)
    path = card_path(model)
    write_text(path, card.model_dump_json(indent=2) + "\n")
    return path


def read_card(model: Path) -> ModelCard:
    """The card beside a model; raises CardError when it is missing or of another file."""
    path = card_path(model)
    if not path.is_file():
        raise CardError(f"{model} has no card; {path.name} is expected beside it")
    try:
        card = ModelCard.model_validate_json(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise CardError(f"{path} is not a model card: {error}") from error
    _check_digest(card, model)
    return card


def _check_digest(card: ModelCard, model: Path) -> None:
    actual = digest(model)
    if actual != card.sha256:
        raise CardError(
            f"{model} has SHA-256 {actual[:12]}… and its card says {card.sha256[:12]}…; "
            "export the model again, or restore the pair"
        )
