"""The card beside a model: what it is, how to feed it, and that it is this very file."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.base import Proportion
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier.classification import Calibration


class _Part(BaseModel):
    """Keys that only people and tools read are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class InputCard(_Part):
    """The picture: real = pixel * pixel_scale + pixel_offset; int8 = real / scale + zero_point."""

    size: int = Field(ge=16, le=512)
    channels: Literal[1]
    dtype: Literal["int8"]
    scale: float = Field(gt=0)
    zero_point: int = Field(ge=-128, le=127)
    pixel_scale: float = Field(gt=0)
    pixel_offset: float


class OutputCard(_Part):
    """The logits: real = (int8 - zero_point) * scale."""

    kind: Literal["logits"]
    dtype: Literal["int8"]
    scale: float = Field(gt=0)
    zero_point: int = Field(ge=-128, le=127)


class Thresholds(_Part):
    """Least probability of a group to be named."""

    min_confidence: Proportion
    min_confidence_positive: Proportion


class ModelCard(_Part):
    """What the service needs of a model card."""

    format: Literal[1]
    name: str = Field(min_length=1, max_length=30)
    version: str = Field(min_length=1, max_length=30)
    labels: tuple[str, ...]
    input: InputCard
    output: OutputCard
    temperature: float = Field(gt=0, le=10)
    thresholds: Thresholds
    sha256: str

    @property
    def calibration(self) -> Calibration:
        """Temperature and thresholds."""
        limits = self.thresholds
        return Calibration(self.temperature, limits.min_confidence, limits.min_confidence_positive)


def read_card(model: Path) -> ModelCard:
    """Reads the card beside a model and checks that it belongs to it.

    Args:
        model: Path of the `.tflite`; its card has the same name and ends in `.json`.

    Raises:
        ConfigurationError: either file is missing or unreadable, the card lacks something, its
            labels are others, or it is the card of another file.
    """
    path = model.with_suffix(".json")
    try:
        content, text = model.read_bytes(), path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{error}: a model is a .tflite file with its card, {path.name}, beside it"
        ) from error
    try:
        card = ModelCard.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"]) or "card"
        raise ConfigurationError(
            f"{path}: {key}: {fault['msg']}: use a card written by `calmloop export`"
        ) from error
    if card.labels != EMOTIONS:
        raise ConfigurationError(
            f"{path}: labels = {list(card.labels)}: must be {list(EMOTIONS)}, in this order"
        )
    digest = hashlib.sha256(content).hexdigest()
    if digest != card.sha256:
        raise ConfigurationError(
            f"{path}: sha256 = {card.sha256[:12]}..., but {model.name} has {digest[:12]}...:"
            " put the card of this very model beside it"
        )
    return card
