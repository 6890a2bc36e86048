"""Every state against every event: what the chair becomes, and what it puts out."""

import pytest

from calmloop.chair_link.messages import State, StopReason
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.events import EVENTS, WAYS

B, S, AR, AC, R, F, E = (
    State.BOOT,
    State.SAFE,
    State.ARMED,
    State.ACTIVE,
    State.RAMPDOWN,
    State.FAULT,
    State.ESTOP,
)
FROM = (B, S, AR, AC, R, F, E)
BECOMES: dict[str, tuple[State, ...]] = {
    # from:                 B  S   AR  AC  R  F  E
    "arm": (B, AR, AR, AC, R, F, E),
    "setpoint": (B, S, AC, AC, R, F, E),
    "stop": (B, S, S, R, R, F, E),
    "ack": (B, S, AR, AC, S, S, S),
    "red button": (B, E, E, E, E, F, E),
    "red button tapped": (B, E, E, E, E, F, E),
    "over-current": (B, F, F, F, F, F, F),
    "lease lost": (B, S, S, S, S, F, E),
    "silence": (B, S, AR, R, S, F, E),
    "bad frames": (B, S, S, R, R, F, E),
    "wrong setpoints": (B, F, F, F, F, F, F),
    "mismatching identify": (B, S, AR, AC, R, F, E),
}
CASES = [
    pytest.param(start, event, after, id=f"{start.name}-{event}")
    for event, row in BECOMES.items()
    for start, after in zip(FROM, row, strict=True)
]


@pytest.mark.parametrize(("start", "event", "after"), CASES)
def test_state_after_event(start: State, event: str, after: State) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    assert chair.state() is start
    EVENTS[event](chair)
    assert chair.state() is after
    if after not in (State.ACTIVE, State.RAMPDOWN):
        assert not chair.felt


@pytest.mark.parametrize("start", FROM)
def test_no_path_to_active_without_arm(start: State) -> None:
    """Whatever happened before: after a stop, setpoints and leases alone bring nothing back."""
    chair = CoreChair()
    WAYS[start](chair)
    chair.stop()
    chair.leased = True
    chair.drive(5000)
    chair.acknowledge()
    chair.drive(12000)
    assert chair.state() is State.SAFE
    assert not chair.felt


@pytest.mark.parametrize("start", FROM)
def test_a_setpoint_is_refused_and_counted_unless_armed_or_active(start: State) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    before = chair.view.refused
    chair.setpoint()
    assert chair.view.refused == before + (start not in (State.ARMED, State.ACTIVE))


def test_leaves_boot_after_two_dark_seconds() -> None:
    chair = CoreChair()
    chair.run(1999)
    view = chair.view
    assert (chair.state(), view.red_ppm, view.green_ppm, view.blue_ppm) == (State.BOOT, 0, 0, 0)
    chair.run(1)
    assert chair.state() is State.SAFE


@pytest.mark.parametrize(
    ("event", "after"), [("red button tapped", State.ESTOP), ("over-current", State.FAULT)]
)
def test_what_happens_in_boot_counts_at_its_end(event: str, after: State) -> None:
    chair = CoreChair()
    chair.run(10)
    EVENTS[event](chair)
    assert chair.state() is State.BOOT
    chair.run(2000)
    assert chair.state() is after


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("stop", StopReason.HOST),
        ("lease lost", StopReason.LEASE),
        ("silence", StopReason.TTL),
        ("bad frames", StopReason.BAD_FRAMES),
        ("red button", StopReason.ESTOP),
        ("over-current", StopReason.FAULT),
    ],
)
def test_says_why_active_ended(event: str, reason: StopReason) -> None:
    chair = CoreChair().active(1000)
    EVENTS[event](chair)
    chair.run(300)
    assert chair.statuses[-1].stop_reason is reason
