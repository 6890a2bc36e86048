"""What is usual for a child in calm: mean and spread of each signal, kept over sessions."""

from typing import Self

from pydantic import Field

from calmloop.scenario_selector.ledger import Kept

MAX_WEIGHT_S = 1800.0
"""What was seen longer ago than this many calm seconds fades: children grow."""


class Norm(Kept):
    """Mean and spread of one signal.

    A prior is one too: its weight says for how many seconds of seeing it stands.
    """

    mean: float
    spread: float = Field(ge=0.0, description="Standard deviation.")
    weight_s: float = Field(ge=0.0, le=MAX_WEIGHT_S, description="Calm seconds behind it.")

    def seeing(self, value: float, seconds: float) -> Self:
        """What it is after `value` was seen for `seconds` more (West, 1979)."""
        weight_s = self.weight_s + seconds
        if weight_s <= 0.0:
            return self
        share = seconds / weight_s
        step = value - self.mean
        variance = (1.0 - share) * (self.spread**2 + share * step**2)
        return type(self)(
            mean=self.mean + share * step,
            spread=variance**0.5,
            weight_s=min(MAX_WEIGHT_S, weight_s),
        )
