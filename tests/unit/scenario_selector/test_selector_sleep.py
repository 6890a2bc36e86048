"""A child who falls asleep: asked about without a signal of the eyes, and faded out."""

from pathlib import Path

import pytest

from calmloop.contract.messages.face import FaceState, SeatPresence
from calmloop.contract.messages.session import Change, Phase, SessionAction
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.limits import ASLEEP_S, DOZE_S, STILL_GAP_S, STILL_LOG_ENERGY
from tests.unit.scenario_selector.harness import HAPPY, NEUTRAL, START_PCT, Face, Harness

STILL, RESTLESS = STILL_LOG_ENERGY / 2, 0.5


def rest(
    harness: Harness,
    seconds: float,
    log_energy: float = STILL,
    eyes_closed: bool | None = None,
    face: Face = NEUTRAL,
) -> None:
    """The child moves so much, and its eyes are so."""
    for _ in range(round(seconds)):
        state = FaceState(
            frame_seq=1,
            captured_ns=1,
            count=1,
            presence=SeatPresence.HERE,
            track_id="own",
            eyes_closed=eyes_closed,
        )
        harness.engine.receive_signal(Cue.MOVEMENT, log_energy, harness.now_s)
        harness.engine.receive_face(harness.received(state))
        harness.show(face, 1.0)


def answer(harness: Harness, *, asleep: bool) -> str | None:
    return harness.command(SessionAction.ANSWER, asleep=asleep)


def test_a_still_child_is_asked_about_after_three_minutes_and_faded_out_in_one(
    harness: Harness,
) -> None:
    rest(harness, ASLEEP_S - 5)
    assert harness.state.question == ""
    rest(harness, 8)
    assert "asleep" in harness.state.question
    assert harness.intensity_pct == START_PCT
    assert answer(harness, asleep=True) is None
    rest(harness, DOZE_S / 2)
    assert harness.state.change is Change.ASLEEP
    assert harness.intensity_pct == pytest.approx(START_PCT / 2, abs=1.0)
    rest(harness, DOZE_S / 2 + 6)
    harness.expect(Phase.IDLE)
    assert not harness.state.distress
    assert "asleep" in harness.state.reason


def test_measured_eyes_need_no_question(harness: Harness) -> None:
    rest(harness, ASLEEP_S + 3, eyes_closed=True)
    assert harness.state.question == ""
    assert harness.state.change is Change.ASLEEP


@pytest.mark.parametrize(("log_energy", "eyes_closed"), [(STILL, False), (RESTLESS, None)])
def test_who_looks_or_moves_is_awake(
    harness: Harness, log_energy: float, eyes_closed: bool | None
) -> None:
    rest(harness, ASLEEP_S + 30, log_energy, eyes_closed)
    assert harness.state.question == ""
    assert harness.intensity_pct == START_PCT


def test_a_child_who_is_awake_is_not_asked_about_again_soon(harness: Harness) -> None:
    rest(harness, ASLEEP_S + 3)
    assert answer(harness, asleep=False) is None
    rest(harness, ASLEEP_S + 30)
    assert harness.state.question == ""
    harness.expect(Phase.RUNNING)
    assert harness.intensity_pct == START_PCT


@pytest.mark.parametrize(("gap_s", "asked"), [(STILL_GAP_S - 3, True), (STILL_GAP_S + 10, False)])
def test_a_short_gap_in_what_is_known_of_its_movement_is_no_movement(
    harness: Harness, gap_s: float, asked: bool
) -> None:
    rest(harness, ASLEEP_S / 2)
    harness.show(NEUTRAL, gap_s)
    rest(harness, ASLEEP_S / 2 + 5)
    assert bool(harness.state.question) is asked


@pytest.mark.parametrize("told", [[True], [False], [True, False], [False, None, True]])
def test_whatever_is_told_of_the_eyes_nothing_rises_by_it(
    harness: Harness, tmp_path: Path, told: list[bool | None]
) -> None:
    levels_pct = dict[str, list[float]]()
    for name, eyes in (("none", [None]), ("told", told)):
        session = harness.copied(tmp_path / name)
        levels_pct[name] = []
        for second in range(60):
            rest(session, 1, RESTLESS, eyes[second % len(eyes)], face=HAPPY)
            levels_pct[name].append(session.intensity_pct)
    assert levels_pct["told"] == levels_pct["none"]
    assert max(levels_pct["none"]) > levels_pct["none"][0]


def test_without_movement_nobody_asks(harness: Harness) -> None:
    harness.show(NEUTRAL, ASLEEP_S + 30)
    assert harness.state.question == ""


def test_an_answer_to_nothing_fades_nothing(harness: Harness) -> None:
    assert "no question is open that 'asleep' answers" in str(answer(harness, asleep=True))
    rest(harness, 30)
    assert harness.intensity_pct == START_PCT
