"""What a simulated chair says that its outputs did, whichever of the two it is."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Output:
    """What the outputs do from `at_ns` (CLOCK_MONOTONIC) on, after the gate."""

    at_ns: int
    state: str
    vibration_pct: float
    vibration_hz: float
    sound_pct: float
    red_pct: float
    green_pct: float
    blue_pct: float

    @property
    def felt(self) -> bool:
        """Whether vibration or sound is on."""
        return self.vibration_pct > 0 or self.sound_pct > 0


def outputs(text: str) -> list[Output]:
    """Every change of the outputs in a trace, oldest first; a line without its end is left out.

    Args:
        text: JSON lines, which may hold more than is asked for here.
    """
    known = Output.__dataclass_fields__
    records = (json.loads(line) for line in text.splitlines() if line.endswith("}"))
    return [Output(**{k: v for k, v in record.items() if k in known}) for record in records]
