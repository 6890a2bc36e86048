"""What the simulated chair did, by its own record and this host's CLOCK_MONOTONIC."""

import json
from dataclasses import dataclass

from tests.system.deployment import Deployment

SERVICE = "chair-sim"


@dataclass(frozen=True)
class Output:
    """The chair's outputs from a moment on."""

    at_s: float
    vibration_pct: float
    sound_pct: float

    @property
    def felt(self) -> bool:
        """Whether vibration or sound is on."""
        return self.vibration_pct > 0 or self.sound_pct > 0

    @property
    def strength_pct(self) -> float:
        """The stronger of the two."""
        return max(self.vibration_pct, self.sound_pct)


def outputs_since(deployment: Deployment, since_s: float) -> list[Output]:
    """Every change of the outputs after a moment, oldest first, across the chair's restarts."""
    log = deployment.container(SERVICE).logs().decode()
    records = (json.loads(line) for line in log.splitlines() if line.startswith("{"))
    found = [
        Output(record["at_ns"] / 1e9, record["vibration_pct"], record["sound_pct"])
        for record in records
    ]
    return [output for output in found if output.at_s >= since_s]
