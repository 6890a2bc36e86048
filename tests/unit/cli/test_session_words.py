"""What `calmloop session` says of a state, and which field of a command each answer fills."""

from pathlib import Path

import pytest

from calmloop.caregiver import CaregiverAnswer, described_session
from calmloop.caregiver.session import FIELDS
from calmloop.contract.messages.session import (
    Change,
    HeardSignal,
    Mode,
    Phase,
    SessionAction,
    SessionCommand,
    SessionState,
    SignalStatus,
)
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.limits import ASLEEP_S, STILL_LOG_ENERGY
from tests.unit.scenario_selector.harness import NEUTRAL, Harness


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    """A session whose baseline was measured on a calm face, one cycle ago."""
    harness = Harness(tmp_path)
    harness.start_running()
    return harness


def told(**fields: object) -> list[str]:
    return list(described_session(SessionState.model_validate({"phase": Phase.RUNNING, **fields})))


def test_what_is_played_why_and_what_follows() -> None:
    lines = told(
        profile="k7",
        mode=Mode.MANUAL,
        scenario="ocean-waves",
        scenario_phase="Floating",
        pace="9.0 to 7.2 a minute: 2 breaths of the child's 18, as its heartbeats sway",
        next="night-sky",
        intensity_pct=15.0,
        ceiling_pct=40.0,
        change=Change.CHILD,
        reason="one step down by the child",
        minutes_left=7.25,
        minutes_today=3.0,
    )
    assert lines == [
        "the session of 'k7' is running, by hand: 7.2 min left, 3.0 min today",
        "scenario ocean-waves (Floating), next night-sky",
        "pace 9.0 to 7.2 a minute: 2 breaths of the child's 18, as its heartbeats sway",
        "intensity 15 % of at most 40 %: one step down by the child",
        "signs of distress: quick 0%, slow 0% of what lowers and of what halts",
    ]


def test_what_somebody_must_see_to_is_told_of_an_ended_session_too() -> None:
    lines = told(
        phase=Phase.IDLE,
        session_id="s1",
        profile="k7",
        scenario="night-sky",
        reason="lasting distress",
        distress=True,
    )
    assert lines == [
        "no session runs",
        "the last one: 'k7', night-sky: lasting distress",
        "distress: somebody must look after the child",
    ]
    assert told(trouble="the disk is full")[-1] == "trouble: the disk is full"


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"status": SignalStatus.PRESENT}, "signal heart says nothing of distress"),
        (
            {"status": SignalStatus.PRESENT, "log_odds_per_s": 0.31},
            "signal heart speaks for distress: 0.31 log-odds a second",
        ),
        (
            {"status": SignalStatus.PRESENT, "log_odds_per_s": -0.2},
            "signal heart speaks against distress: 0.20 log-odds a second",
        ),
        (
            {"status": SignalStatus.MISSING},
            "signal heart is missing: nothing rises until it is back, or"
            " `calmloop session dismiss heart`",
        ),
        (
            {"status": SignalStatus.REFUSED, "trouble": "it is a recording"},
            "signal heart is not used: it is a recording",
        ),
    ],
)
def test_each_signal_is_a_sentence(fields: dict[str, object], line: str) -> None:
    signal = HeardSignal.model_validate({"name": "heart", **fields})
    assert told(signals=[signal])[-1] == line


@pytest.mark.parametrize(
    ("answer", "change"), [(CaregiverAnswer.ASLEEP, Change.ASLEEP), (CaregiverAnswer.AWAKE, None)]
)
def test_whether_the_child_sleeps_is_answered_in_the_field_of_that_question(
    harness: Harness, answer: CaregiverAnswer, change: Change | None
) -> None:
    for _ in range(round(ASLEEP_S) + 5):
        harness.engine.receive_signal(Cue.MOVEMENT, STILL_LOG_ENERGY / 2, harness.now_s)
        harness.show(NEUTRAL, 1.0)
    assert "asleep" in harness.state.question
    before = harness.state.change
    command = SessionCommand(action=SessionAction.ANSWER, **FIELDS[answer])
    assert harness.engine.handle_command(command) is None
    harness.show(NEUTRAL, 2.0)
    assert harness.state.question == ""
    assert harness.state.change is (change or before)
