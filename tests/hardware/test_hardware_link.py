"""The link at full use: how soon a setpoint is seen at the pins, and whether any is lost."""

import time
from dataclasses import replace
from statistics import quantiles

import pytest

from calmloop.chair_link import StatusArrived
from calmloop.chair_link.messages import State
from tests.hardware.bench import REST, Bench
from tests.hardware.conftest import MakeBench
from tests.hardware.measured import at_least, within

EDGES = 60
LATENCY_P95_MS = 30
SLOW = [pytest.mark.long, pytest.mark.timeout(3600)]


def blue_level_at_ns(bench: Bench, after_ns: int) -> int | None:
    """When blue first came on after a moment."""
    return next(
        (
            event.at_ns
            for event in bench.emulator.events()
            if event.at_ns > after_ns
            and event.name == "level"
            and event.members["pin"] == "blue"
            and event.members["level"] == 1
        ),
        None,
    )


@pytest.mark.alone
def test_a_setpoint_is_seen_at_the_pins_within_30_ms(make_bench: MakeBench) -> None:
    bench = make_bench(live=True)
    bench.arm()
    bench.setpoint = REST
    bench.reach(State.ACTIVE)
    bench.drive(lambda: not bench.given[-1].lit, 10, "dark")
    bench.setpoint = None
    latencies_ms = []
    for _ in range(EDGES):
        written_ns = time.monotonic_ns()
        bench.send(replace(REST, blue_permille=2))
        bench.drive(lambda: blue_level_at_ns(bench, written_ns) is not None, 1, "blue")  # noqa: B023
        seen_ns = blue_level_at_ns(bench, written_ns)
        assert seen_ns is not None
        latencies_ms.append((seen_ns - written_ns) / 1e6)
        bench.send(REST)
        bench.drive(lambda: not bench.given[-1].lit, 1, "dark again")
    within("setpoint written -> first PWM change, p95", quantiles(latencies_ms, n=20)[-1], 30)


@pytest.mark.parametrize("seconds", [30, pytest.param(600, marks=SLOW)])
def test_no_setpoint_is_lost_at_twenty_a_second(bench: Bench, seconds: int) -> None:
    bench.arm()
    bench.setpoint = REST
    bench.reach(State.ACTIVE)
    before = len(bench.link_events)
    bench.sent_tags.clear()
    bench.drive_for(seconds)
    bench.setpoint = None
    sent = list(bench.sent_tags)
    bench.drive_for(0.2)

    arrived = [event for event in bench.link_events[before:] if isinstance(event, StatusArrived)]
    applied = {event.status.setpoint_tag for event in arrived}
    at_least(f"setpoints sent in {seconds} s", len(sent), 20 * seconds, "")
    at_least(f"STATUS received in {seconds} s", len(arrived), 10 * seconds, "")
    within(f"setpoints never applied in {seconds} s", len(set(sent) - applied), 0, "")
    within(f"frames lost from the chair in {seconds} s", bench.link.metrics.lost, 0, "")
    assert bench.last is not None
    within(f"bad frames at the chair in {seconds} s", bench.last.bad_frames, 0, "")
