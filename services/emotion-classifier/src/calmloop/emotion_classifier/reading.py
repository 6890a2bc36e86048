"""From a network's logits to a label that may be said, or to doubt with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.contract.messages.emotion import EMOTIONS, GROUPS, DoubtReason, Label
from calmloop.emotion_classifier.classification import Logits, ModelCalibration

SURPRISE = "surprise"
CLOSE_CALL = 0.1
"""A group that leads the next likely answer by less than this is a toss-up, not a weak signal."""


@dataclass(frozen=True)
class EmotionReading:
    """What one face shows.

    Attributes:
        label: A group, or unknown.
        scores: Calibrated probability of each of the seven classes; they sum to 1.
        confidence: Probability of the label's group; 0 when unknown.
        valence: P(positive) - P(negative), -1 to 1, also when unknown.
        reason: Why it is unknown.
    """

    label: Label
    scores: dict[str, float]
    confidence: float
    valence: float
    reason: DoubtReason | None = None


def read(logits: Logits, calibration: ModelCalibration) -> EmotionReading:
    """Names the likeliest group if it is likely enough.

    Args:
        logits: Shape (7,), in the order of `EMOTIONS`.
        calibration: Of the network that they come from.
    """
    scores = dict(zip(EMOTIONS, probabilities(logits, calibration.temperature), strict=True))
    return judge(scores, calibration)


def judge(scores: Mapping[str, float], calibration: ModelCalibration) -> EmotionReading:
    """Names the likeliest group if it is likely enough.

    Args:
        scores: Calibrated probability of each of the seven classes, of one picture or the mean of
            several; they sum to 1.
        calibration: Of the network that they come from.
    """
    groups = {label: sum(scores[name] for name in names) for label, names in GROUPS.items()}
    best = max(groups, key=lambda label: groups[label])
    valence = groups[Label.POSITIVE] - groups[Label.NEGATIVE]
    if groups[best] > _least(best, calibration):
        return EmotionReading(best, dict(scores), groups[best], valence)
    others = [scores[SURPRISE], *(groups[label] for label in groups if label is not best)]
    close = groups[best] - max(others) < CLOSE_CALL
    reason = DoubtReason.AMBIGUOUS if close else DoubtReason.LOW_CONFIDENCE
    return EmotionReading(Label.UNKNOWN, dict(scores), 0.0, valence, reason)


def probabilities(logits: Logits, temperature: float) -> list[float]:
    """Softmax of the logits divided by the temperature (Guo et al., 2017)."""
    scaled: NDArray[np.float64] = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max())
    shares: list[float] = (powers / powers.sum()).tolist()
    return shares


def _least(label: Label, calibration: ModelCalibration) -> float:
    if label is Label.POSITIVE:
        return calibration.min_confidence_positive
    return calibration.min_confidence
