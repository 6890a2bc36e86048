"""The card beside a temporal network: what it is, and whose answers it has learned to weigh."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from calmloop.contract.messages.emotion import EMOTIONS, GROUPS
from calmloop.emotion_classifier.card import (
    MAX_VERSION_LENGTH,
    NAME_PATTERN,
    CardError,
    CardPart,
    FileCard,
    card_path,
    digest,
    read_card_of,
)

TEMPORAL_LABELS = tuple(GROUPS)
"""The groups that it tells apart, in the order of its outputs."""
TEMPORAL_FEATURES = (*EMOTIONS, "ago_s")
"""Of each frame: the frame network's seven logits, and how many seconds before the newest it is."""


class FrameNetwork(CardPart):
    """The network whose answers it reads."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class TemporalCard(FileCard):
    """All that the service must know to use a temporal network, and a person to judge it.

    An unknown key is refused when a card is made and passed over when one is read.
    """

    format: Literal[1]
    kind: Literal["temporal"]
    name: str = Field(pattern=NAME_PATTERN)
    version: str = Field(min_length=1, max_length=MAX_VERSION_LENGTH)
    labels: tuple[str, ...]
    features: tuple[str, ...]
    frames: int = Field(ge=1, le=256, description="The longest window.")
    window_s: float = Field(ge=0, le=10, description="How far back a window goes.")
    frame_network: FrameNetwork
    operators: tuple[str, ...]
    data: dict[str, Any]
    training: dict[str, Any]
    metrics: dict[str, Any]
    licence: str
    intended_use: str
    limits: tuple[str, ...]

    @model_validator(mode="after")
    def _reads_and_says_what_we_do(self) -> Self:
        for have, need, what in (
            (self.labels, TEMPORAL_LABELS, "labels"),
            (self.features, TEMPORAL_FEATURES, "features"),
        ):
            if have != need:
                raise ValueError(f"{what} are {list(have)}, {list(need)} are expected")
        return self


def read_temporal_card(model: Path, frame_model: Path) -> TemporalCard:
    """Reads the card beside a temporal network and checks that it belongs there.

    Args:
        model: Path of its `.tflite`.
        frame_model: The network whose answers it shall weigh.

    Raises:
        CardError: as for `read_card`, or it has learned from another network's answers.
    """
    card = read_card_of(TemporalCard, model, "papers temporal export")
    learned, found = card.frame_network, digest(frame_model)
    if learned.sha256 != found:
        raise CardError(
            f"emotion_classifier.temporal: {card_path(model)} weighs the answers of {learned.name}"
            f" (sha256 {learned.sha256[:12]}...), but emotion_classifier.model is"
            f" {frame_model.name} with {found[:12]}...: train and export it anew for this network,"
            " or leave temporal out"
        )
    return card
