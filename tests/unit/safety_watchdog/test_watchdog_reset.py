"""A latched stop is reset by a person who is there, and not while its cause lasts."""

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.topics import Account
from tests.unit.safety_watchdog.harness import Harness, active_harness, ready_harness


def test_no_token_is_told_while_nothing_is_latched() -> None:
    assert ready_harness().token == ""


def test_a_reset_is_refused_for_a_second_after_any_stop() -> None:
    harness = ready_harness()
    harness.watchdog.stop("first")
    harness.play(0.9)
    harness.watchdog.stop("second")
    harness.play(0.9)

    assert "just now" in (harness.reset() or "")
    assert "just now" in harness.watchdog.stop_state().blockers[0]
    harness.play(0.2)
    assert harness.watchdog.stop_state().blockers == ()
    assert harness.reset() is None


@pytest.mark.parametrize("token", [None, "", "wrong", "☂"])
def test_a_reset_without_the_right_token_is_refused(token: str | None) -> None:
    harness = Harness()
    harness.play(2.0)

    assert "token" in (harness.watchdog.reset(token) or "")
    assert harness.latched


def test_a_token_older_than_five_seconds_is_refused() -> None:
    harness = Harness()
    harness.play(2.0)
    token = harness.token
    for _ in range(60):
        harness.play(0.1)
        harness.watchdog.latch.renew_token()

    assert harness.watchdog.reset(token) is not None
    assert harness.reset() is None


def test_a_token_works_once() -> None:
    harness = Harness()
    harness.play(2.0)
    token = harness.token
    assert harness.watchdog.reset(token) is None
    harness.watchdog.stop("again")
    harness.play(1.1)

    assert harness.watchdog.reset(token) is not None
    assert harness.latched


def test_a_token_read_before_a_stop_does_not_clear_that_stop() -> None:
    harness = Harness()
    harness.play(2.0)
    token = harness.token
    harness.watchdog.stop("again")
    harness.play(1.1)

    assert harness.watchdog.reset(token) is not None


def test_a_refused_reset_does_not_spend_the_token() -> None:
    harness = Harness()
    harness.inputs["estop"] = True
    harness.play(2.0)
    token = harness.token
    assert "red button" in (harness.watchdog.reset(token) or "")
    harness.inputs["estop"] = False
    harness.play(0.1)

    assert harness.watchdog.reset(token) is None


def test_a_reset_with_nothing_latched_is_refused() -> None:
    assert "nothing to reset" in (ready_harness().watchdog.reset("x") or "")


@pytest.mark.parametrize(
    ("chair", "inputs", "words"),
    [
        ({}, {"estop": True}, "red button"),
        ({"mode": ChairMode.ESTOP}, {}, "ACK"),
        ({}, {"child_button": True}, "child"),
        ({"mode": ChairMode.FAULT, "fault": "overcurrent"}, {}, "overcurrent"),
        ({"mode": ChairMode.DISCONNECTED}, {}, "not connected"),
    ],
)
def test_a_reset_is_refused_while_the_chair_itself_forbids_it(
    chair: dict[str, object], inputs: dict[str, object], words: str
) -> None:
    harness = Harness()
    harness.chair |= chair
    harness.inputs |= inputs
    harness.play(2.0)

    assert words in (harness.reset() or "")
    assert any(words in blocker for blocker in harness.watchdog.stop_state().blockers)


@pytest.mark.parametrize("service", [Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE])
def test_a_reset_is_refused_while_a_required_service_is_away(service: Account) -> None:
    harness = Harness()
    harness.silent.add(service)
    harness.play(2.0)

    assert service in (harness.reset() or "")


def test_a_reset_is_refused_while_the_chair_is_silent() -> None:
    harness = Harness()
    harness.silent.add("chair")
    harness.play(2.0)

    assert "does not report" in (harness.reset() or "")


def test_a_cause_that_lasts_does_not_void_the_token_each_turn() -> None:
    harness = active_harness()
    harness.silent.add(Account.SCENARIO_SELECTOR)
    harness.play(2.2)
    token = harness.token
    harness.play(0.5)

    assert harness.token == token
