"""A latched stop is reset by a person who is there, and not while its cause lasts."""

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.topics import Account
from tests.unit.safety_watchdog.scene import Scene, active_scene, ready_scene


def test_no_token_is_told_while_nothing_is_latched() -> None:
    assert ready_scene().token == ""


def test_a_reset_is_refused_for_a_second_after_any_stop() -> None:
    scene = ready_scene()
    scene.watchdog.stop("first")
    scene.play(0.9)
    scene.watchdog.stop("second")
    scene.play(0.9)

    assert "just now" in (scene.reset() or "")
    assert "just now" in scene.watchdog.stop_state().blockers[0]
    scene.play(0.2)
    assert scene.watchdog.stop_state().blockers == ()
    assert scene.reset() is None


@pytest.mark.parametrize("token", [None, "", "wrong", "☂"])
def test_a_reset_without_the_right_token_is_refused(token: str | None) -> None:
    scene = Scene()
    scene.play(2.0)

    assert "token" in (scene.watchdog.reset(token) or "")
    assert scene.latched


def test_a_token_older_than_five_seconds_is_refused() -> None:
    scene = Scene()
    scene.play(2.0)
    token = scene.token
    for _ in range(60):
        scene.play(0.1)
        scene.watchdog.latch.renew_token()

    assert scene.watchdog.reset(token) is not None
    assert scene.reset() is None


def test_a_token_works_once() -> None:
    scene = Scene()
    scene.play(2.0)
    token = scene.token
    assert scene.watchdog.reset(token) is None
    scene.watchdog.stop("again")
    scene.play(1.1)

    assert scene.watchdog.reset(token) is not None
    assert scene.latched


def test_a_token_read_before_a_stop_does_not_clear_that_stop() -> None:
    scene = Scene()
    scene.play(2.0)
    token = scene.token
    scene.watchdog.stop("again")
    scene.play(1.1)

    assert scene.watchdog.reset(token) is not None


def test_a_refused_reset_does_not_spend_the_token() -> None:
    scene = Scene()
    scene.inputs["estop"] = True
    scene.play(2.0)
    token = scene.token
    assert "red button" in (scene.watchdog.reset(token) or "")
    scene.inputs["estop"] = False
    scene.play(0.1)

    assert scene.watchdog.reset(token) is None


def test_a_reset_with_nothing_latched_is_refused() -> None:
    assert "nothing to reset" in (ready_scene().watchdog.reset("x") or "")


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
    scene = Scene()
    scene.chair |= chair
    scene.inputs |= inputs
    scene.play(2.0)

    assert words in (scene.reset() or "")
    assert any(words in blocker for blocker in scene.watchdog.stop_state().blockers)


@pytest.mark.parametrize("service", [Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE])
def test_a_reset_is_refused_while_a_required_service_is_away(service: Account) -> None:
    scene = Scene()
    scene.silent.add(service)
    scene.play(2.0)

    assert service in (scene.reset() or "")


def test_a_reset_is_refused_while_the_chair_is_silent() -> None:
    scene = Scene()
    scene.silent.add("chair")
    scene.play(2.0)

    assert "does not report" in (scene.reset() or "")


def test_a_cause_that_lasts_does_not_void_the_token_each_turn() -> None:
    scene = active_scene()
    scene.silent.add(Account.SCENARIO_SELECTOR)
    scene.play(2.2)
    token = scene.token
    scene.play(0.5)

    assert scene.token == token
