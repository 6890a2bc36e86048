"""From a network's logits to a label that may be said, or to doubt with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calmloop.contract.messages.emotion import (
    EMOTIONS,
    GROUPS,
    DoubtReason,
    EmotionState,
    Label,
)
from calmloop.contract.messages.face import NoFaceReason
from calmloop.emotion_classifier.classification import Logits, ModelCalibration

SURPRISE = "surprise"
NEUTRAL = EMOTIONS.index("neutral")
READABLE_FROM = 0.5
"""Below it a face is more likely one in which nothing can be read."""
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
        readable: Probability that anything can be read; the other two are less by it.
    """

    label: Label
    scores: dict[str, float]
    confidence: float
    valence: float
    reason: DoubtReason | None = None
    readable: float = 1.0

    def state(self, frame: Mapping[str, Any], model: str) -> EmotionState:
        """The message; `frame` is a header's, which says of what picture it is."""
        return EmotionState(
            **frame,
            label=self.label,
            scores={name: round(score, 4) for name, score in self.scores.items()},
            confidence=round(self.confidence, 4),
            valence=round(self.valence, 4),
            model=model,
            reason=self.reason,
            readable=round(self.readable, 4),
        )


def unknown_state(
    frame: Mapping[str, Any], reason: DoubtReason | NoFaceReason, model: str
) -> EmotionState:
    """The message where nothing was read; see `EmotionReading.state`."""
    return EmotionState(
        **frame, label=Label.UNKNOWN, confidence=0.0, valence=0.0, model=model, reason=reason
    )


def read(logits: Logits, calibration: ModelCalibration) -> EmotionReading:
    """Names the likeliest group if it is likely enough.

    Args:
        logits: Shape (7,), in the order of `EMOTIONS`.
        calibration: Of the network that they come from.
    """
    scores = dict(zip(EMOTIONS, probabilities(logits, calibration), strict=True))
    return judge(scores, calibration, readable(logits, calibration))


def judge(
    scores: Mapping[str, float], calibration: ModelCalibration, readable: float = 1.0
) -> EmotionReading:
    """Names the likeliest group if it is likely enough.

    Args:
        scores: Calibrated probability of each of the seven classes, of one picture or the mean of
            several; they sum to 1.
        calibration: Of the network that they come from.
        readable: Probability that anything can be read, 0 to 1.
    """
    groups = {
        label: readable * sum(scores[name] for name in names) for label, names in GROUPS.items()
    }
    best = max(groups, key=lambda label: groups[label])
    valence = groups[Label.POSITIVE] - groups[Label.NEGATIVE]
    is_positive = best is Label.POSITIVE
    least = calibration.min_confidence_positive if is_positive else calibration.min_confidence
    if groups[best] > least:
        return EmotionReading(best, dict(scores), groups[best], valence, None, readable)
    reason = _doubt(groups, best, readable * scores[SURPRISE], readable)
    return EmotionReading(Label.UNKNOWN, dict(scores), 0.0, valence, reason, readable)


def _doubt(
    groups: Mapping[Label, float], best: Label, surprise: float, readable: float
) -> DoubtReason:
    if readable < READABLE_FROM:
        return DoubtReason.UNREADABLE
    others = [surprise, *(groups[label] for label in groups if label is not best)]
    is_close = groups[best] - max(others) < CLOSE_CALL
    return DoubtReason.AMBIGUOUS if is_close else DoubtReason.LOW_CONFIDENCE


def readable(logits: Logits, calibration: ModelCalibration) -> float:
    """Probability that anything can be read in a picture: 1 where the network does not tell.

    The seven logits are small together where there is little to go by (energy: Liu et al., 2020).
    """
    if calibration.doubt_logit is None:
        return 1.0
    evidence = float(np.logaddexp.reduce(_calibrated(logits, calibration)))
    return float(1.0 / (1.0 + np.exp(calibration.doubt_logit - evidence)))


def probabilities(logits: Logits, calibration: ModelCalibration) -> list[float]:
    """Calibrated probabilities of the seven classes: temperature (Guo et al., 2017), then prior."""
    calibrated = _calibrated(logits, calibration)
    powers = np.exp(calibrated - calibrated.max())
    shares: list[float] = (powers / powers.sum()).tolist()
    return shares


def _calibrated(logits: Logits, calibration: ModelCalibration) -> NDArray[np.float64]:
    calibrated = logits.astype(np.float64) / calibration.temperature
    calibrated[NEUTRAL] += calibration.neutral_prior
    return calibrated
