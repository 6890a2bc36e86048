"""What a caregiver says of what was learned corrects the record, and raises nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from calmloop.contract.messages.learning import LearningAction, LearningState
from calmloop.contract.messages.session import OverrideAction, Phase, SessionAction
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.harness import ALL_TICKED, CRYING, NEUTRAL, Harness, write_profile


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


def kept(harness: Harness, code: str = "default") -> Learned:
    """As it is on the disk."""
    return Folder(harness.folder).learned(code)


def shown(harness: Harness) -> LearningState:
    return harness.engine.lessons.state


def calm_session(harness: Harness, scenario: str = "night-sky", **fields: object) -> None:
    harness.start_running(scenario=scenario, minutes=5, **fields)
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    harness.expect(Phase.IDLE)


def halted_session(harness: Harness, scenario: str = "slow-train") -> None:
    harness.start_running(scenario=scenario, minutes=5)
    harness.show(CRYING, 20)
    harness.wait(6)
    harness.expect(Phase.IDLE)


def test_the_last_session_is_rated_afterwards_for_a_day(harness: Harness) -> None:
    calm_session(harness)
    assert kept(harness).trials[0].reward == pytest.approx(1.0)
    harness.clock.advance(timedelta(hours=23).total_seconds())
    assert harness.teach(LearningAction.RATE, rating=1) is None
    assert kept(harness).trials[0].reward == pytest.approx(0.5)
    assert shown(harness).last_rating == 1
    harness.clock.advance(timedelta(hours=2).total_seconds())
    assert "could be rated for 24 h" in str(harness.teach(LearningAction.RATE, rating=5))
    assert kept(harness).trials[0].rating == 1


def test_a_rating_in_a_session_counts_at_its_end(harness: Harness) -> None:
    harness.start_running(scenario="night-sky")
    assert harness.teach(LearningAction.RATE, rating=3) is None
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    assert kept(harness).trials[0].rating == 3


def test_after_a_restart_the_child_is_named(harness: Harness) -> None:
    calm_session(harness)
    again = Harness(harness.folder, clock=harness.clock)
    assert "name its 'profile'" in str(again.teach(LearningAction.RATE, rating=4))
    assert again.teach(LearningAction.RATE, rating=4, profile="default") is None
    assert kept(again).trials[0].rating == 4
    assert "profile 'k9' is unknown" in str(again.teach(LearningAction.VOID, profile="k9"))


def test_a_halt_that_was_no_distress_is_voided_and_nothing_rises(harness: Harness) -> None:
    halted_session(harness)
    assert kept(harness).left_out == "slow-train"
    asked = len(harness.setpoints)
    assert harness.teach(LearningAction.VOID) is None
    harness.wait(5)
    assert len(harness.setpoints) == asked
    harness.expect(Phase.IDLE)
    assert kept(harness).trials[0].void
    assert kept(harness).left_out == ""
    assert not shown(harness).last_halted
    assert "was not halted" in str(harness.teach(LearningAction.VOID))


def test_a_halt_is_voided_while_it_fades_and_the_fade_goes_on(harness: Harness) -> None:
    harness.start_running(scenario="slow-train", minutes=5)
    while harness.phase is not Phase.CLOSING:
        harness.show(CRYING, 0.5)
    assert harness.teach(LearningAction.VOID) is None
    harness.show(NEUTRAL, 6)
    harness.expect(Phase.IDLE)
    assert kept(harness).trials[-1].void
    assert not kept(harness).after_distress


def test_a_pinned_scenario_is_chosen_until_it_is_unpinned(harness: Harness) -> None:
    calm_session(harness)
    assert harness.teach(LearningAction.PIN, scenario="deep-hum") is None
    assert shown(harness).pinned == "deep-hum"
    harness.must_start()
    assert harness.state.scenario == "deep-hum"
    assert "pinned by a caregiver" in harness.state.choice
    harness.command(SessionAction.FINISH)
    harness.wait(6)
    assert harness.teach(LearningAction.UNPIN) is None
    assert kept(harness).pinned is None


def test_an_excluded_scenario_is_neither_chosen_nor_named(harness: Harness) -> None:
    calm_session(harness)
    assert harness.teach(LearningAction.EXCLUDE, scenario="night-sky") is None
    assert "excluded by a caregiver" in str(harness.start(scenario="night-sky"))
    harness.start_running()
    assert harness.state.scenario != "night-sky"
    assert "night-sky" not in {entry.scenario for entry in harness.state.scores}
    refusal = harness.override(OverrideAction.SCENARIO, scenario="night-sky", token=harness.token)
    assert "excluded by a caregiver" in str(refusal)
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    assert harness.teach(LearningAction.ALLOW, scenario="night-sky") is None
    assert harness.start(scenario="night-sky") is None


@pytest.mark.parametrize(
    ("action", "scenario", "complaint"),
    [
        (LearningAction.PIN, "no-such", "'no-such' is unknown: known are breathe-along"),
        (LearningAction.PIN, "slow-train", "excluded by this child's profile"),
        (LearningAction.EXCLUDE, "no-such", "'no-such' is unknown: known are breathe-along"),
        (LearningAction.EXCLUDE, "deep-hum", "is pinned: send 'unpin' first"),
        (LearningAction.ALLOW, "night-sky", "is not excluded"),
        (LearningAction.VOID, None, "was not halted"),
        (LearningAction.RATE, None, "there is none to rate"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    harness: Harness, action: LearningAction, scenario: str | None, complaint: str
) -> None:
    write_profile(harness.folder, "k7", f"excluded_scenarios: [slow-train]\n{ALL_TICKED}")
    assert harness.teach(LearningAction.PIN, profile="k7", scenario="deep-hum") is None
    before = kept(harness, "k7")
    rating = 3 if action is LearningAction.RATE else None
    refusal = harness.teach(action, profile="k7", scenario=scenario, rating=rating)
    assert complaint in str(refusal)
    assert kept(harness, "k7") == before


def test_a_child_is_shown_without_a_change(harness: Harness) -> None:
    calm_session(harness)
    write_profile(harness.folder, "k7", "ceiling_pct: 40\n")
    before = {path: path.stat() for path in harness.folder.rglob("*") if path.is_file()}
    assert harness.teach(LearningAction.SHOW, profile="k7") is None
    assert (shown(harness).profile, shown(harness).sessions) == ("k7", 0)
    assert harness.teach(LearningAction.SHOW, profile="default") is None
    assert (shown(harness).profile, shown(harness).sessions) == ("default", 1)
    assert {path: path.stat() for path in before} == before
    assert not (harness.folder / "learned" / "k7.json").exists()
    assert "profile 'k9' is unknown" in str(harness.teach(LearningAction.SHOW, profile="k9"))


def test_what_is_forgotten_is_nowhere_and_the_dose_stays(harness: Harness) -> None:
    calm_session(harness)
    halted_session(harness)
    assert harness.teach(LearningAction.EXCLUDE, scenario="deep-hum") is None
    given = harness.state.minutes_today
    harness.must_start()
    assert "finish it, then forget" in str(harness.teach(LearningAction.FORGET))
    harness.command(SessionAction.FINISH)
    harness.wait(6)
    assert harness.teach(LearningAction.FORGET) is None
    assert kept(harness) == Learned(excluded=frozenset({"deep-hum"}))
    assert [path.name for path in (harness.folder / "learned").iterdir()] == ["default.json"]
    assert shown(harness).sessions == 0
    assert harness.state.minutes_today >= given


def test_what_was_learned_is_shown_in_words_and_numbers_by_code(harness: Harness) -> None:
    for _ in range(4):
        calm_session(harness, "deep-hum")
        halted_session(harness, "quiet-glow")
        assert harness.teach(LearningAction.RATE, rating=1) is None
    state = shown(harness)
    assert (state.profile, state.sessions) == ("default", 8)
    assert {entry.scenario for entry in state.scores} == set(harness.library)
    assert state.tastes
    for taste in state.tastes:
        assert taste.low < taste.weight < taste.high
        assert taste.text.endswith("8 sessions")
        assert taste.certainty >= 0.75
