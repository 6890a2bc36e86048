"""A log that was there is missed; without it a session goes on and a chair starts."""

import pytest

from calmloop.contract.messages.safety import AlarmKind, Severity
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.watchdog import OPTIONAL_LOST_S
from tests.unit.safety_watchdog.harness import Harness, active_harness

LOG = Account.SESSION_LOG
LOST = AlarmKind.LOG_LOST


@pytest.mark.parametrize("how", ["silent", "unhealthy"])
def test_a_log_that_is_lost_or_cannot_write_is_a_warning_and_costs_no_lease(how: str) -> None:
    harness = active_harness()
    if how == "silent":
        harness.silent = {LOG}
    else:
        harness.unhealthy = {LOG: "room on its disk"}
    harness.play(OPTIONAL_LOST_S + 2.0)
    alarm = harness.alarms[LOST]
    assert (alarm.active, alarm.severity) == (True, Severity.WARNING)
    assert alarm.text.startswith("what happens is not kept: session-log")
    harness.play(60.0)
    assert not harness.latched
    assert harness.give_leases_for(1.0) >= 9


def test_a_chair_that_never_had_one_misses_none() -> None:
    harness = Harness()
    harness.silent = {LOG}
    harness.play(2.0)
    harness.reset()
    harness.play(60.0)
    assert harness.active_alarms() == set()
    assert harness.give_leases_for(1.0) > 0
