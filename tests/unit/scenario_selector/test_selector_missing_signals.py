"""A signal that was there and is not: nothing rises until it is back, or a caregiver lets it go."""

import pytest

from calmloop.contract.messages.base import ServiceMessage
from calmloop.contract.messages.session import (
    Change,
    Mode,
    SessionAction,
    SessionCommand,
    SignalStatus,
)
from calmloop.scenario_selector.distress.signals import Cue
from tests.unit.scenario_selector.harness import HAPPY, NEUTRAL, START_PCT, UNKNOWN, Harness
from tests.unit.scenario_selector.senses_harness import Services, heart, movement


@pytest.fixture
def services(harness: Harness) -> Services:
    """A session in which the heart and movement were heard, and the heart is gone."""
    services = Services(harness)
    services.tell(heart(), movement(), seconds=2.0)
    services.tell(movement(), seconds=6.0)
    return services


def dismiss(services: Services, signal: str, token: str | None = None) -> str | None:
    harness = services.harness
    held = harness.token if token is None else token
    fields = {"token": held} if held else {}
    return harness.command(SessionAction.DISMISS, signal=signal, **fields)


def smile(services: Services, *messages: ServiceMessage) -> float:
    services.tell(*messages, seconds=40.0, face=HAPPY)
    return services.harness.intensity_pct


def status(services: Services, signal: Cue) -> SignalStatus | None:
    heard = services.heard(signal)
    return heard.status if heard else None


def test_while_one_is_missing_nothing_rises_and_everyone_sees_which(services: Services) -> None:
    assert status(services, Cue.HEART) is SignalStatus.MISSING
    assert status(services, Cue.MOVEMENT) is SignalStatus.PRESENT
    assert smile(services, movement()) == START_PCT


def test_once_it_is_back_it_may_rise(services: Services) -> None:
    assert smile(services, movement(), heart()) > START_PCT
    assert status(services, Cue.HEART) is SignalStatus.PRESENT


def test_a_caregiver_goes_on_without_it_and_raises_nothing_by_that(services: Services) -> None:
    assert dismiss(services, "heart") is None
    assert services.harness.intensity_pct == START_PCT
    services.tell(movement(), seconds=0.2)
    assert status(services, Cue.HEART) is None
    assert smile(services, movement()) > START_PCT


def test_one_that_was_dismissed_counts_again_once_it_is_back(services: Services) -> None:
    assert dismiss(services, "heart") is None
    services.tell(movement(), heart(rate_bpm=140.0), seconds=1.0)
    assert status(services, Cue.HEART) is SignalStatus.PRESENT
    services.tell(movement(), seconds=6.0)
    assert status(services, Cue.HEART) is SignalStatus.MISSING
    assert smile(services, movement()) == START_PCT


@pytest.mark.parametrize(
    ("signal", "why"),
    [
        ("movement", "'movement' is not missing: heart is missing"),
        ("skin", "'skin' is not missing"),
        ("no-such", "'no-such' is not missing"),
        ("face", "cannot be dismissed"),
    ],
)
def test_only_what_is_missing_is_dismissed(services: Services, signal: str, why: str) -> None:
    assert why in str(dismiss(services, signal))
    services.harness.show(UNKNOWN, 3.0)
    services.harness.show(NEUTRAL, 3.0)
    assert status(services, Cue.HEART) is SignalStatus.MISSING


def test_a_face_out_of_sight_is_not_dismissed(services: Services) -> None:
    services.tell(movement(), seconds=4.0, face=None)
    assert status(services, Cue.FACE) is SignalStatus.MISSING
    assert "a session without it is manual" in str(dismiss(services, "face"))


@pytest.mark.parametrize("token", ["", "0" * 16])
def test_nobody_dismisses_it_without_the_token(services: Services, token: str) -> None:
    assert "token" in str(dismiss(services, "heart", token))
    assert status(services, Cue.HEART) is SignalStatus.MISSING


def test_a_token_dismisses_once(services: Services) -> None:
    token = services.harness.token
    services.tell(seconds=3.0)
    assert dismiss(services, "heart", token) is None
    assert "token" in str(dismiss(services, "movement", token))


@pytest.mark.parametrize("mode", [None, Mode.MANUAL])
def test_without_a_session_that_listens_nothing_is_missing(
    harness: Harness, mode: Mode | None
) -> None:
    if mode is not None:
        harness.engine.stop("stop was pressed")
        harness.wait(3.0)
        harness.must_start(mode=mode)
    else:
        harness.engine.stop("stop was pressed")
    assert "no session listens" in str(dismiss(Services(harness), "heart"))


def test_a_dismissal_names_its_signal() -> None:
    with pytest.raises(ValueError, match="needs the field 'signal'"):
        SessionCommand(action=SessionAction.DISMISS, token="t")


def test_a_session_that_never_had_them_rises_without(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    assert harness.intensity_pct > START_PCT
