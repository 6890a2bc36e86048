"""What a window costs: processor time, and energy where the processor counts it (RAPL)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

POWERCAP = Path("/sys/class/powercap")
"""Linux's counters of a processor's energy, a folder for each; often readable by root alone."""
WARM_UP_RUNS = 20


@dataclass(frozen=True)
class WindowCost:
    """Of one window.

    Attributes:
        cpu_ms: Median processor time in ms, of all threads of this process.
        energy_mj: Mean in mJ of the whole processor, beside all else that runs; None where it
            cannot be read.
    """

    cpu_ms: float
    energy_mj: float | None


def window_cost(
    run: Callable[[], object], runs: int = 1000, powercap: Path = POWERCAP
) -> WindowCost:
    """Of so many runs, after a few that do not count."""
    for _ in range(WARM_UP_RUNS):
        run()
    before = package_energy_uj(powercap)
    times_ns = []
    for _ in range(runs):
        began_ns = time.process_time_ns()
        run()
        times_ns.append(time.process_time_ns() - began_ns)
    energy_mj = None
    if before is not None and (after := package_energy_uj(powercap)) is not None:
        energy_mj = _spent_uj(before, after) / 1000 / runs
    return WindowCost(float(np.median(times_ns)) / 1e6, energy_mj)


Counters = dict[str, tuple[int, int]]
"""Of each processor: its counter, and where that begins anew, in µJ."""


def package_energy_uj(powercap: Path = POWERCAP) -> Counters | None:
    """The counter of each processor; None where there is none that may be read."""
    counters: Counters = {}
    for zone in sorted(powercap.glob("intel-rapl:*")):
        if zone.name.count(":") > 1:
            continue  # a part of a processor
        try:
            counters[zone.name] = (
                int((zone / "energy_uj").read_text()),
                int((zone / "max_energy_range_uj").read_text()),
            )
        except (OSError, ValueError):
            return None
    return counters or None


def _spent_uj(before: Counters, after: Counters) -> float:
    return sum((after[zone][0] - began) % (span + 1) for zone, (began, span) in before.items())
