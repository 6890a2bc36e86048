"""The estimated emotion. 'Unknown' is a result of its own, with a reason."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import PipelineMessage, Proportion
from calmloop.contract.messages.face import NoFaceReason

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven classes of FER-2013, in the data set's own order."""


class Label(StrEnum):
    """The three groups of the seven classes, and doubt."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    UNKNOWN = "unknown"


GROUPS: dict[Label, tuple[str, ...]] = {
    Label.NEGATIVE: ("angry", "disgust", "fear", "sad"),
    Label.NEUTRAL: ("neutral",),
    Label.POSITIVE: ("happy",),
}
"""Surprise is ambiguous: it belongs to no group and counts as doubt."""


class DoubtReason(StrEnum):
    """Why a label is unknown although there is a usable face."""

    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"
    """Covered, blurred, turned or no face at all: the network itself cannot tell."""
    BAD_CROP = "bad_crop"
    NOT_ALLOWED = "not_allowed"


class EmotionState(PipelineMessage):
    """The classifier's reading of one crop."""

    label: Label
    scores: dict[str, Proportion] = Field(
        default_factory=dict,
        description="Calibrated probability of each of the seven classes; empty without a face.",
    )
    confidence: Proportion = Field(description="Probability of the label's group; 0 if unknown.")
    valence: float = Field(ge=-1.0, le=1.0, description="P(positive) - P(negative).")
    model: str = Field("", max_length=64, description="Name and version of the network.")
    reason: DoubtReason | NoFaceReason | None = Field(None, description="Why it is unknown.")
    readable: Proportion | None = Field(
        None,
        description="Probability that the face can be read at all; 1 if the network does not tell.",
    )
