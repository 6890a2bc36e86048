"""A console reads and writes the profile of a child; goals, notes and a good file survive."""

from pathlib import Path

import pytest

from calmloop.contract.messages.profiles import ProfileBounds, ProfileCommand, ProfilesState
from calmloop.scenario_selector.profile_desk import ProfileDesk
from calmloop.scenario_selector.profiles import read_profile

SCENARIOS = {"ocean-waves", "quiet-glow"}


@pytest.fixture
def desk(tmp_path: Path) -> ProfileDesk:
    return ProfileDesk(tmp_path, SCENARIOS)


def write(desk: ProfileDesk, **bounds: object) -> ProfilesState:
    given = ProfileBounds.model_validate(bounds)
    return desk.obey(ProfileCommand(action="write", profile="k7", bounds=given, request="r"))


def test_a_new_profile_is_written_and_told(desk: ProfileDesk, tmp_path: Path) -> None:
    answer = write(desk, ceiling_pct=35, excluded_scenarios=["quiet-glow"])
    assert (answer.refusal, answer.codes, answer.request) == ("", ("k7",), "r")
    assert answer.bounds is not None
    assert (answer.bounds.ceiling_pct, answer.bounds.minutes_per_session) == (35, 20)
    kept = read_profile(tmp_path / "profiles" / "k7.yaml", SCENARIOS)
    assert kept.excluded_scenarios == {"quiet-glow"}


def test_goals_and_notes_stay_and_are_told_to_who_asks(desk: ProfileDesk, tmp_path: Path) -> None:
    path = tmp_path / "profiles" / "k7.yaml"
    path.parent.mkdir()
    path.write_text("goals: sleep\nnotes: likes rain\nceiling_pct: 50\n")
    answer = write(desk, cleared_contraindications=["seizures"])
    assert answer.bounds is not None
    assert (answer.bounds.goals, answer.bounds.notes) == ("sleep", "likes rain")
    kept = read_profile(path, SCENARIOS)
    assert (kept.goals, kept.notes, kept.ceiling_pct) == ("sleep", "likes rain", 50)
    assert (path.parent / "k7.yaml.bak").read_text().startswith("goals: sleep")


def test_goals_and_notes_are_written_and_a_fault_in_them_is_not_repeated(
    desk: ProfileDesk, tmp_path: Path
) -> None:
    text = "Falls asleep: alone.\n– “mit” Ž"
    answer = write(desk, goals=text, notes="")
    assert answer.bounds is not None
    assert answer.bounds.goals == text
    assert read_profile(tmp_path / "profiles" / "k7.yaml", SCENARIOS).goals == text
    assert "secret" not in write(desk, notes="secret \x00").refusal


@pytest.mark.parametrize(
    "bounds", [{"excluded_scenarios": ["no-such"]}, {"sensory": {"light": "hating"}}]
)
def test_what_the_service_would_not_read_is_not_written(
    desk: ProfileDesk, tmp_path: Path, bounds: dict[str, object]
) -> None:
    assert write(desk, ceiling_pct=35).refusal == ""
    before = (tmp_path / "profiles" / "k7.yaml").read_text()
    assert write(desk, **bounds).refusal
    assert (tmp_path / "profiles" / "k7.yaml").read_text() == before
    assert desk.codes() == ("k7",)


def test_an_unknown_child_and_a_running_session_are_refused(desk: ProfileDesk) -> None:
    shown = desk.obey(ProfileCommand(action="show", profile="k9"))
    assert "unknown" in shown.refusal
    given = ProfileCommand(action="write", profile="k9", bounds=ProfileBounds(ceiling_pct=1))
    assert "a session runs" in desk.obey(given, may_write=False).refusal
    assert desk.codes() == ()
