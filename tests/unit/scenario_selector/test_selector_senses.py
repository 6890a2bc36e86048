"""Which messages of the other services count as a signal, and as what."""

from pathlib import Path
from typing import Any

import pytest

from calmloop.contract.messages.base import ServiceMessage, SignalKind
from calmloop.contract.messages.biosignal import Absence
from calmloop.contract.messages.chair import CalibrationOrigin
from calmloop.contract.messages.movement import NoMovementReason
from calmloop.contract.messages.session import Mode, SignalStatus
from calmloop.contract.messages.voice import VoiceCondition
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.senses import SignalInputs
from tests.unit.scenario_selector.harness import NEUTRAL, STEP_S, Harness
from tests.unit.scenario_selector.senses_harness import (
    HOST,
    MAKERS,
    OTHERS,
    Services,
    heart,
    movement,
    muscle,
    skin,
    voice,
)

NS = 1_000_000_000


@pytest.fixture
def services(harness: Harness) -> Services:
    return Services(harness)


def says(services: Services, signal: Cue) -> float | None:
    """Log-odds a second that the signal says after the next turn."""
    services.harness.show(NEUTRAL, STEP_S)
    heard = services.heard(signal)
    return heard.log_odds_per_s if heard else None


@pytest.mark.parametrize("signal", OTHERS)
def test_a_calm_signal_is_heard_against_its_norm(services: Services, signal: Cue) -> None:
    services.tell(MAKERS[signal](), seconds=1.0)
    heard = services.heard(signal)
    assert heard is not None
    assert heard.status is SignalStatus.PRESENT
    assert heard.log_odds_per_s is not None
    assert heard.log_odds_per_s < 0.0
    assert heard.mean == pytest.approx(MODELS[signal].prior.mean, abs=1.0)
    assert heard.spread is not None
    assert list(services.listed()) == [signal.value]


UPSET: list[tuple[Cue, ServiceMessage]] = [
    (Cue.MOVEMENT, movement(log_energy=2.0)),
    (Cue.HEART, heart(rate_bpm=140.0)),
    (Cue.VOICE, voice(crying=0.99)),
]


@pytest.mark.parametrize(("signal", "message"), UPSET)
def test_distress_speaks_for_it_and_fills_both_sums(
    services: Services, signal: Cue, message: ServiceMessage
) -> None:
    services.tell(*(message for _, message in UPSET), seconds=3.0)
    heard = services.heard(signal)
    assert heard is not None
    assert heard.log_odds_per_s == MODELS[signal].most
    state = services.harness.state
    assert state.distress_fast > 0.0
    assert state.distress_slow > 0.0


def test_the_rise_of_skin_conductance_counts_and_its_level_does_not(services: Services) -> None:
    services.tell(skin(value=20.0), seconds=3.0)
    calm = says(services, Cue.SKIN)
    services.tell(skin(value=20.6), seconds=1.0)
    upset = says(services, Cue.SKIN)
    services.tell(skin(value=20.6), seconds=30.0)
    assert calm == says(services, Cue.SKIN) == MODELS[Cue.SKIN].least
    assert upset == MODELS[Cue.SKIN].most


def test_the_strength_of_the_brow_counts_over_its_rest(services: Services) -> None:
    services.tell(muscle(spread=0.004), seconds=3.0)
    assert says(services, Cue.MUSCLE) == MODELS[Cue.MUSCLE].least
    services.tell(muscle(spread=0.04), seconds=1.0)
    assert says(services, Cue.MUSCLE) == MODELS[Cue.MUSCLE].most


SAY_NOTHING: list[tuple[Cue, ServiceMessage]] = [
    (Cue.MOVEMENT, movement(reason=NoMovementReason.FROZEN)),
    (Cue.MOVEMENT, movement(log_energy=None)),
    (Cue.MOVEMENT, movement(vibration=None)),
    (Cue.MOVEMENT, movement(vibration_pct=None)),
    (Cue.MOVEMENT, movement(age_s=None)),
    (Cue.MOVEMENT, movement(age_s=1.2)),
    (Cue.HEART, heart(reason=Absence.NO_CONTACT)),
    (Cue.HEART, heart(rate_bpm=None)),
    (Cue.HEART, heart(contact=False)),
    (Cue.HEART, heart(artefact_share=0.51)),
    (Cue.HEART, heart(age_s=5.2)),
    (Cue.HEART, heart(age_s=None)),
    (Cue.VOICE, voice(condition=VoiceCondition.FROZEN)),
    (Cue.VOICE, voice(enabled=False)),
    (Cue.VOICE, voice(crying=None)),
    (Cue.VOICE, voice(above_floor_db=None)),
    (Cue.SKIN, skin(reason=Absence.OUT_OF_RANGE)),
    (Cue.SKIN, skin(value=None)),
    (Cue.SKIN, skin(quality=0.4)),
    (Cue.SKIN, skin(quality=None)),
    (Cue.SKIN, skin(unit="kOhm")),
    (Cue.SKIN, skin(kind="gsr")),
    (Cue.MUSCLE, muscle(spread=None)),
    (Cue.MUSCLE, muscle(spread=0.0)),
    (Cue.MUSCLE, muscle(kind="zygomaticus")),
]


@pytest.mark.parametrize(("signal", "message"), SAY_NOTHING)
def test_what_is_not_known_says_nothing(
    services: Services, signal: Cue, message: ServiceMessage
) -> None:
    services.tell(message, seconds=0.5)
    assert says(services, signal) is None


@pytest.mark.parametrize(
    ("above_floor_db", "expected"),
    [(20.0, MODELS[Cue.VOICE].most), (5.9, MODELS[Cue.VOICE].least)],
)
def test_crying_that_is_not_above_the_chairs_own_sound_is_none(
    services: Services, above_floor_db: float, expected: float
) -> None:
    services.tell(voice(crying=1.0, above_floor_db=above_floor_db), seconds=1.0)
    assert says(services, Cue.VOICE) == expected


@pytest.mark.parametrize("signal", OTHERS)
@pytest.mark.parametrize("age_s", [3.0, -0.5])
def test_what_was_sent_too_long_ago_or_in_the_future_says_nothing(
    services: Services, signal: Cue, age_s: float
) -> None:
    now_ns = services.harness.clock.monotonic_ns()
    services.send(MAKERS[signal](), at_ns=now_ns - round(age_s * NS))
    assert says(services, signal) is None


@pytest.mark.parametrize("signal", OTHERS)
def test_one_message_counts_once_and_a_later_one_is_not_taken_back(
    services: Services, signal: Cue
) -> None:
    now_ns = services.harness.clock.monotonic_ns()
    message = MAKERS[signal]()
    newest, late = (
        message.model_copy(update={"host_boot_id": HOST, "at_ns": at_ns})
        for at_ns in (now_ns, now_ns - 200_000_000)
    )
    told: list[Any] = []
    harness = services.harness
    services.senses = SignalInputs(
        harness.clock,
        harness.ages,
        harness.engine.surroundings,
        lambda *value: told.append(value),
    )
    for each in (newest, newest, late, newest):
        services.hand_over(each)
    assert len(told) == 1


def test_the_clock_of_another_host_orders_its_own_messages(services: Services) -> None:
    """At a restart of the service its numbers begin anew, and the host's clock goes on."""
    there = {"host_boot_id": "there"}
    services.hand_over(heart(rate_bpm=150.0).model_copy(update={**there, "at_ns": 9, "seq": 7}))
    services.hand_over(heart(rate_bpm=60.0).model_copy(update={**there, "at_ns": 8, "seq": 8}))
    assert says(services, Cue.HEART) == MODELS[Cue.HEART].most
    services.hand_over(heart(rate_bpm=60.0).model_copy(update={**there, "at_ns": 10, "seq": 0}))
    assert says(services, Cue.HEART) == MODELS[Cue.HEART].least


def test_a_wrong_time_of_another_host_silences_its_signal_for_no_longer_than_seconds(
    services: Services,
) -> None:
    there = {"host_boot_id": "there"}
    services.hand_over(heart(rate_bpm=60.0).model_copy(update={**there, "at_ns": 10**18}))
    services.harness.show(NEUTRAL, 11.0)
    services.hand_over(heart(rate_bpm=150.0).model_copy(update={**there, "at_ns": 9}))
    assert says(services, Cue.HEART) == MODELS[Cue.HEART].most


@pytest.mark.parametrize("kind", [SignalKind.SIMULATED, SignalKind.RECORDED])
@pytest.mark.parametrize("signal", OTHERS)
def test_what_is_not_of_this_child_says_nothing_in_a_real_chair(
    services: Services, signal: Cue, kind: SignalKind
) -> None:
    field = "camera_kind" if signal is Cue.MOVEMENT else "source_kind"
    message = MAKERS[signal](**{field: kind})
    services.tell(message, seconds=0.5)
    heard = services.heard(signal)
    assert heard is not None
    assert (heard.status, heard.log_odds_per_s) == (SignalStatus.REFUSED, None)
    assert "the chair is not a simulated one" in heard.trouble
    services.harness.show(NEUTRAL, 11.0)
    assert services.heard(signal) is None
    services.harness.chair.calibration = CalibrationOrigin.SIMULATED
    services.harness.show(NEUTRAL, STEP_S)
    services.tell(message, seconds=0.5)
    heard = services.heard(signal)
    assert heard is not None
    assert (heard.status, heard.trouble) == (SignalStatus.PRESENT, "")


def test_a_signal_that_does_not_say_what_it_is_counts_for_no_real_chair(
    services: Services,
) -> None:
    services.tell(movement(camera_kind=None), voice(source_kind=None), seconds=0.5)
    for signal in (Cue.MOVEMENT, Cue.VOICE):
        heard = services.heard(signal)
        assert heard is not None
        assert "does not say whether it is live" in heard.trouble


def test_nothing_counts_while_it_is_not_known_what_chair_it_is(services: Services) -> None:
    services.harness.chair.silent = True
    services.harness.show(NEUTRAL, 0.6)
    services.send(heart())
    assert says(services, Cue.HEART) is None


def test_conductance_in_another_unit_is_refused_with_the_setting(services: Services) -> None:
    services.tell(skin(unit="mS"), seconds=0.5)
    heard = services.heard(Cue.SKIN)
    assert heard is not None
    assert "heart_monitor.signals.skin-conductance.unit" in heard.trouble


def test_a_manual_session_listens_to_nothing(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(mode=Mode.MANUAL)
    services = Services(harness)
    services.tell(heart(rate_bpm=200.0), seconds=5.0, face=None)
    assert harness.state.signals == []
    assert harness.state.distress_fast == 0.0


def test_the_next_child_has_its_own_rest(services: Services) -> None:
    services.tell(muscle(spread=0.001), seconds=1.0)
    harness = services.harness
    harness.engine.stop("stop was pressed")
    harness.wait(3.0)
    harness.start_running()
    services.tell(muscle(spread=0.1), seconds=1.0)
    assert says(services, Cue.MUSCLE) == MODELS[Cue.MUSCLE].least
