"""How a child's face reads while it is calm, and whether it has read so of late."""

import math

LOUD = 0.8
"""Minus the valence from which on a face reads as upset: see FACE_LOG_ODDS."""

LOUD_SHARE, LOUD_WEIGHT_S = 0.09, 20.0
"""Of the time, of a child whom nobody knows; and seconds of seeing a child that this stands for.
So the shipped network reads this share of the neutral faces of FER-2013's PublicTest."""

MOST_ALLOWED = 1.2
"""Log-odds a second: the face of a child whose rest reads as upset counts less, and never nothing.
Outright distress knows no such allowance."""


LATE_S = 12.0
"""In which 63 % of how a face read is forgotten: several expressions, and more than one reading."""

AT_REST_WITHIN = 0.2
"""A face that was more negative of late, on the mean, than is usual by more than this is not at
rest: what lasts counts, however little each second of it says."""


class FaceAtRest:
    """What is allowed for of one child's face, in this session.

    By Bayes' rule, with its own share of calm time in place of other children's.
    """

    def __init__(self) -> None:
        self._seen_s = LOUD_WEIGHT_S
        self._loud_s = LOUD_WEIGHT_S * LOUD_SHARE

    def note(self, value: float, elapsed_s: float) -> None:
        """The child is calm, and its face reads so.

        Args:
            value: Minus the valence, -1 to 1.
            elapsed_s: For so long.
        """
        self._seen_s += elapsed_s
        self._loud_s += elapsed_s if value >= LOUD else 0.0

    @property
    def allowance(self) -> float:
        """Log-odds a second, 0 to MOST_ALLOWED, that the face says less for distress."""
        share = self._loud_s / self._seen_s
        return min(MOST_ALLOWED, max(0.0, math.log(share / LOUD_SHARE)))


class FaceOfLate:
    """How one child's face has read over the last LATE_S in which it was read."""

    def __init__(self) -> None:
        self._mean: float | None = None

    def note(self, value: float, elapsed_s: float) -> None:
        """It reads so.

        Args:
            value: Minus the valence, no lower than a face at rest.
            elapsed_s: For so long.
        """
        before = value if self._mean is None else self._mean
        self._mean = before + (value - before) * -math.expm1(-elapsed_s / LATE_S)

    def is_within(self, value: float) -> bool:
        """Whether it was no more negative than this, on the mean; so until it is first read."""
        return self._mean is None or self._mean <= value
