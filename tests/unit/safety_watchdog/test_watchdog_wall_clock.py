"""The wall clock is for people: set it as you like, no decision follows it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.session import Phase
from tests.unit.safety_watchdog.harness import Harness

DAY = timedelta(days=1)
BEFORE_NTP = datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)

JUMPS: dict[str, Callable[[datetime, int], datetime]] = {
    "a day forward, once": lambda now, step: now + DAY if step == 1 else now,
    "a day back, once": lambda now, step: now - DAY if step == 1 else now,
    "to and fro at each step": lambda now, step: now + DAY if step % 2 else now - DAY,
    "before NTP at boot, then right": lambda now, step: BEFORE_NTP if step < 3 else NOON,
    "back to 1970 in the session": lambda now, step: BEFORE_NTP if step > 2 else now,
}


def a_day_at_the_chair(
    jump: Callable[[datetime, int], datetime] = lambda now, _step: now,
) -> list[Any]:
    """A start, a session, a lost bridge, a reset, an alarm: what was decided at each step."""
    harness = Harness()
    decisions: list[Any] = []

    def step(seconds: float) -> None:
        harness.clock.set_wall(jump(harness.clock.utc_now(), len(decisions)))
        leases = harness.give_leases_for(seconds)
        harness.watchdog.latch.renew_token()
        decisions.append((leases, harness.latched, sorted(harness.active_alarms())))

    step(2.0)
    decisions.append(harness.reset())
    step(2.0)
    harness.report_session(phase=Phase.RUNNING, session_id="s1")
    harness.report_chair(mode=ChairMode.ACTIVE)
    step(10.0)
    harness.silent.add("actuator-bridge")
    step(3.0)
    harness.silent.clear()
    harness.report_session(phase=Phase.IDLE)
    harness.report_chair(mode=ChairMode.SAFE)
    step(2.0)
    decisions.append(harness.reset())
    step(40.0)
    harness.watchdog.alarms.acknowledge(AlarmKind.SERVICE_LOST)
    step(1.0)
    return decisions


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_no_decision_follows_the_wall_clock(jump: Callable[[datetime, int], datetime]) -> None:
    assert a_day_at_the_chair(jump) == a_day_at_the_chair()


def test_that_day_has_leases_a_latch_and_resets() -> None:
    """What the others are compared with is worth comparing."""
    leases = [decision[0] for decision in a_day_at_the_chair() if isinstance(decision, tuple)]
    assert leases[1:3] == [20, 100]
    assert leases[3] < 20
    assert leases[5] == 400
