"""The signals that can speak of distress, and how far a value of each does.

Each is a number that is larger in distress. What the face says was measured: the share of crying
and of calm faces that the shipped network reads so. Of the others, in calm each is normal about the
child's own norm, in distress about a mean that lies at least a gap above; the log-odds of the two
are clipped, so that none of them can decide alone.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum

from calmloop.scenario_selector.distress.norms import Norm


class Cue(StrEnum):
    """What is looked at."""

    FACE = "face"
    MOVEMENT = "movement"
    HEART = "heart"
    VOICE = "voice"
    SKIN = "skin"
    MUSCLE = "muscle"


@dataclass(frozen=True)
class Model:
    """One signal in calm and in distress, in its own unit.

    Attributes:
        prior: Of the norm of a child whom nobody knows.
        lowest: Values below count as this: laughing is no calmer than resting.
        highest: Values above count as this: no child shows more.
        min_spread: No child is taken for steadier.
        distress: Mean in distress.
        min_gap: From the norm's mean to the mean in distress, at least.
        least: Log-odds of a second, at least: what calm can say against distress.
        most: The same, at most.
        stands_s: For how long a value stands without another.
        max_usual: More is never learned as usual, so that it does not come to hide distress.
    """

    prior: Norm
    lowest: float
    highest: float
    min_spread: float
    distress: float
    min_gap: float
    least: float
    most: float
    stands_s: float
    max_usual: float

    def value(self, raw: float) -> float:
        """What of a value counts."""
        return min(self.highest, max(self.lowest, raw))

    def usual(self, raw: float) -> float:
        """What of a value counts as usual."""
        return min(self.max_usual, self.value(raw))

    def log_odds_per_s(self, value: float, norm: Norm) -> float:
        """What a second of this value says for distress; negative speaks against it."""
        spread = max(self.min_spread, norm.spread)
        gap = max(self.min_gap, self.distress - norm.mean) / spread
        above = (self.value(value) - norm.mean) / spread
        return min(self.most, max(self.least, gap * (above - gap / 2.0)))


FACE_LOG_ODDS = (
    (-0.2, -1.5),
    (0.4, -1.2),
    (0.55, -0.3),
    (0.7, 0.1),
    (0.8, 0.7),
    (0.88, 1.6),
    (0.95, 2.6),
    (1.0, 3.6),
    (1.1, 4.2),
)
"""Minus the valence, and what a second of it says: log of the share of crying over that of calm
faces, of FER-2013's PublicTest by the shipped network, smoothed and drawn in at both ends. Beyond
1, where only the norm of a child who looks calmer than most leads, the line goes on."""

NORM_SHARE, MAX_NORM_SHIFT = 0.5, 0.1
"""How far a child's own resting face moves these, and at most: it must not hide distress."""

CONFIRMED_SHARE, MAX_CONFIRMED_SHIFT = 1.0, 0.13
"""The same once a caregiver has said that the child usually looks so."""


@dataclass(frozen=True)
class FaceModel(Model):
    """The face, of which more is known than a mean and a spread.

    Attributes:
        norm_share: How far the child's norm moves what is known.
        max_norm_shift: By so much at most.
    """

    norm_share: float = NORM_SHARE
    max_norm_shift: float = MAX_NORM_SHIFT

    def log_odds_per_s(self, value: float, norm: Norm) -> float:
        """See Model."""
        shift = self.norm_share * (norm.mean - self.prior.mean)
        at = self.value(value) - min(self.max_norm_shift, max(-MAX_NORM_SHIFT, shift))
        return min(self.most, max(self.least, _between(FACE_LOG_ODDS, at)))


def _between(points: tuple[tuple[float, float], ...], at: float) -> float:
    """Linear between the points, and the first's or last's beyond them."""
    right = bisect_right(points, (at, float("inf")))
    if right in (0, len(points)):
        return points[min(right, len(points) - 1)][1]
    (x0, y0), (x1, y1) = points[right - 1], points[right]
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)


def _prior(mean: float, spread: float) -> Norm:
    return Norm(mean=mean, spread=spread, weight_s=10.0)


def confirmed(face: FaceModel) -> FaceModel:
    """The model of a face of which a caregiver has said that it is as usual."""
    return replace(face, norm_share=CONFIRMED_SHARE, max_norm_shift=MAX_CONFIRMED_SHIFT)


# Minus the valence.
FACE_MODEL = FaceModel(_prior(0.26, 0.3), -0.1, 1.0, 0.13, 0.71, 0.35, -1.5, 4.2, 1.0, 0.5)
MODELS: dict[Cue, Model] = {
    Cue.FACE: FACE_MODEL,
    # Log10 of motion energy over the empty, still seat. Ours, to be measured on children.
    Cue.MOVEMENT: Model(_prior(0.5, 0.4), 0.0, 3.0, 0.2, 1.2, 0.5, -0.15, 0.8, 1.0, 0.85),
    # Beats a minute; at rest 75 to 115 between 4 and 12 years.
    Cue.HEART: Model(_prior(90.0, 10.0), 40.0, 220.0, 4.0, 110.0, 12.0, -0.2, 0.6, 5.0, 115.0),
    # Probability of crying, as a log-odds.
    Cue.VOICE: Model(_prior(-5.0, 1.0), -5.0, 5.0, 1.0, 2.0, 4.0, -0.05, 1.2, 1.5, -1.5),
    # Microsiemens of the phasic part of skin conductance.
    Cue.SKIN: Model(_prior(0.05, 0.05), 0.0, 5.0, 0.03, 0.3, 0.1, -0.1, 0.4, 5.0, 0.2),
    # Log10 of the corrugator's EMG over its rest.
    Cue.MUSCLE: Model(_prior(0.0, 0.2), -0.5, 2.0, 0.1, 0.5, 0.3, -0.2, 0.5, 2.0, 0.25),
}
