"""No chair waits for a console: absent, dead or hung, it costs neither lease nor alarm."""

from calmloop.contract.topics import Account
from calmloop.safety_watchdog.heartbeats import PERCEPTION, REQUIRED
from tests.unit.safety_watchdog.harness import active_harness


def test_a_console_that_dies_in_a_session_costs_neither_lease_nor_alarm() -> None:
    assert Account.CAREGIVER_CONSOLE not in {*REQUIRED, *PERCEPTION}
    harness = active_harness()
    harness.silent = {Account.CAREGIVER_CONSOLE}
    harness.play(10.0)
    assert harness.active_alarms() == set()
    assert not harness.latched
    assert harness.give_leases_for(1.0) >= 9
