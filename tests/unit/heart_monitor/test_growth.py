"""What the service holds of memory does not grow, whatever comes."""

import gc
import random
import tracemalloc
from collections.abc import Callable

from calmloop.contract.messages.biosignal import Absence
from calmloop.heart_monitor.listening import SourceReport
from calmloop.heart_monitor.reading import Battery, BodySample, Garbage, Measurement
from tests.unit.heart_monitor.test_heart_service import SIGNALS, Bench

FULL_S = 130
"""A minute of intervals is held then, and was forgotten once."""
LONG_S = 900
LOST_EVERY_S = 65
MAX_GROWTH_KB = 32


def live(bench: Bench, rng: random.Random, seconds: int) -> None:
    """A strap with artefacts, a further signal, refusals; the source is lost now and then."""
    for second in range(seconds):
        if second % LOST_EVERY_S == 0:
            bench.listened.now = SourceReport(Absence.LOST, f"lost in second {second}")
            bench.turn()
            bench.listened.now = SourceReport(None)
        at_ns = bench.clock.monotonic_ns() + 1_000_000_000
        bench.turn(
            Measurement(at_ns, 92.0, (rng.gauss(650, 30), rng.uniform(0, 3000)), contact=True),
            BodySample(at_ns, "emg", rng.uniform(-6, 6)),
            Garbage(at_ns, f"refused in second {second}"),
            Battery(at_ns, second % 100),
        )
        bench.transport.published.clear()


def test_nothing_grows_with_time(measured: Callable[[str], None]) -> None:
    bench, rng = Bench(signals=SIGNALS), random.Random(1)
    live(bench, rng, FULL_S)
    gc.collect()
    tracemalloc.start()
    try:
        live(bench, rng, FULL_S)
        gc.collect()
        before_kb = tracemalloc.get_traced_memory()[0] / 1024
        live(bench, rng, LONG_S)
        gc.collect()
        grown_kb = tracemalloc.get_traced_memory()[0] / 1024 - before_kb
    finally:
        tracemalloc.stop()
    measured(f"heart-monitor: {grown_kb:+.1f} KB in {LONG_S} s, at most {MAX_GROWTH_KB}")
    assert grown_kb < MAX_GROWTH_KB
