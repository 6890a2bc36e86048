"""The card beside a model: what it is, how to feed it, and that it is this very file.

`calmloop export` writes it through this model, and the service reads it through the same.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.base import Proportion
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier.classification import ModelCalibration

NAME_PATTERN = r"^[a-z0-9-]{1,30}$"
MAX_VERSION_LENGTH = 30

PositiveScale = Annotated[float, Field(gt=0)]
ZeroPoint = Annotated[int, Field(ge=-128, le=127)]


class CardError(ConfigurationError):
    """A model and its card do not belong together; the text says what differs."""


class CardPart(BaseModel):
    """A piece of a card: an unknown key is refused when it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileCard(CardPart):
    """A card of a network's file, whatever the network does."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


AnyCard = TypeVar("AnyCard", bound=FileCard)


class InputSpec(CardPart):
    """The picture: real = pixel * pixel_scale + pixel_offset; int8 = real / scale + zero_point.

    Gray and square, `size` pixels a side, uint8 before it is quantised.
    """

    size: int = Field(ge=16, le=512)
    channels: Literal[1]
    dtype: Literal["int8"]
    scale: PositiveScale
    zero_point: ZeroPoint
    pixel_scale: PositiveScale
    pixel_offset: float
    preprocess: str


class OutputSpec(CardPart):
    """The seven logits: real = (int8 - zero_point) * scale."""

    kind: Literal["logits"]
    dtype: Literal["int8"]
    scale: PositiveScale
    zero_point: ZeroPoint


class FramingSpec(CardPart):
    """The square to cut around a Viola-Jones box, in sides of the box: factor and offset."""

    box_scale: float = Field(gt=0.5, lt=2)
    dx: float = Field(gt=-0.5, lt=0.5)
    dy: float = Field(gt=-0.5, lt=0.5)
    note: str = ""


class Thresholds(CardPart):
    """The probability (after the temperature) that the likeliest group has to exceed.

    Else the label is unknown; positive, which raises the stimulus, needs more, and 1 is never.
    """

    min_confidence: Proportion
    min_confidence_positive: Proportion


class ModelCard(FileCard):
    """All that the service must know to use the network, and a person to judge it.

    An unknown key is refused when a card is made and passed over when one is read, so that a
    later export can say more.
    """

    format: Literal[1]
    name: str = Field(pattern=NAME_PATTERN)
    version: str = Field(min_length=1, max_length=MAX_VERSION_LENGTH)
    labels: tuple[str, ...]
    input: InputSpec
    output: OutputSpec
    framing: FramingSpec
    temperature: float = Field(gt=0, le=10)
    doubt_logit: float | None = Field(
        None,
        ge=-50,
        le=50,
        description="Beside the seven logits, divided by the temperature: of what cannot be read.",
    )
    neutral_prior: float = Field(
        0.0,
        ge=0,
        le=5,
        description="Added to neutral's logit, divided by the temperature: how much commoner "
        "neutral faces are before the chair than among the training faces, as log-odds.",
    )
    thresholds: Thresholds
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

    @property
    def calibration(self) -> ModelCalibration:
        """Temperature and thresholds."""
        limits = self.thresholds
        return ModelCalibration(
            self.temperature,
            **limits.model_dump(),
            doubt_logit=self.doubt_logit,
            neutral_prior=self.neutral_prior,
        )


def card_path(model: Path) -> Path:
    """`calm.json` beside `calm.tflite`."""
    return model.with_suffix(".json")


def digest(model: Path) -> str:
    """SHA-256 of the file as hexadecimal."""
    return hashlib.sha256(model.read_bytes()).hexdigest()


def read_card(model: Path) -> ModelCard:
    """Reads the card beside a model and checks that it belongs to it.

    Args:
        model: Path of the `.tflite`; its card has the same name and ends in `.json`.

    Raises:
        CardError: either file is missing or unreadable, the card lacks something, its labels are
            others, or it is the card of another file.
    """
    return read_card_of(ModelCard, model, "calmloop export")


def read_card_of(kind: type[AnyCard], model: Path, written_by: str) -> AnyCard:
    """As `read_card`, for another kind of network, whose cards that command writes."""
    path = card_path(model)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise CardError(f"{model} has no card; {path.name} is expected beside it") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"{path} cannot be read ({error}): check the file") from error
    try:
        card = kind.model_validate_json(text, extra="ignore")
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise CardError(
            f"{path} is not a model card: {key + ': ' if key else ''}{fault['msg']}:"
            f" use a card written by `{written_by}`"
        ) from error
    check_digest(card, model)
    return card


def check_digest(card: FileCard, model: Path) -> None:
    """Compares the model's file with what its card says of it.

    Raises:
        CardError: the file cannot be read, or it is another.
    """
    try:
        found = digest(model)
    except OSError as error:
        raise CardError(f"{model} cannot be read ({error}): a card alone is no model") from error
    if found != card.sha256:
        raise CardError(
            f"{card_path(model)}: sha256 = {card.sha256[:12]}..., but {model.name} has"
            f" {found[:12]}...: export the model again, or put the card of this very file beside it"
        )
