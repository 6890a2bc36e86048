"""How often a child's face reads as upset while it is calm."""

import math

LOUD = 0.8
"""Minus the valence from which on a face reads as upset: see FACE_LOG_ODDS."""

LOUD_SHARE, LOUD_WEIGHT_S = 0.09, 20.0
"""Of the time, of a child whom nobody knows; and seconds of seeing a child that this stands for.
So the shipped network reads this share of the neutral faces of FER-2013's PublicTest."""

MOST_ALLOWED = 1.2
"""Log-odds a second: the face of a child whose rest reads as upset counts less, and never nothing.
Outright distress knows no such allowance."""


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
