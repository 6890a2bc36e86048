"""Profiles and what was learned: small files in one folder."""

import json
import resource
from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Channel, OverrideState, Phase, SessionAction
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.profiles import DemonstrationProfile, RecordError, load
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.harness import (
    ALL_TICKED,
    CRYING,
    HAPPY,
    NEUTRAL,
    Harness,
    write_profile,
)

# --- profiles -----------------------------------------------------------------------------


def test_a_profile_bounds_ceiling_minutes_scenarios_and_channels(tmp_path: Path) -> None:
    write_profile(
        tmp_path,
        "k7",
        "ceiling_pct: 22\nminutes_per_session: 3\n"
        "excluded_scenarios: [deep-hum, slow-train]\nexcluded_channels: [sound]\n" + ALL_TICKED,
    )
    harness = Harness(tmp_path)
    assert "excluded" in str(harness.start(profile="k7", scenario="deep-hum"))
    harness.start_running(profile="k7")
    assert harness.state.profile == "k7"
    assert harness.state.ceiling_pct == 22
    assert harness.state.minutes_left < 3
    harness.show(HAPPY, 60)
    assert harness.intensity_pct == 22
    assert harness.setpoints[-1].sound.level_pct == 0.0
    assert not {"deep-hum", "slow-train"} & {entry.scenario for entry in harness.state.scores}


def test_a_profile_that_excludes_everything_starts_nothing(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    write_profile(tmp_path, "none", f"excluded_scenarios: {sorted(harness.library)}")
    assert "excludes every scenario" in str(harness.start(profile="none"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ceiling_pct: 120", "ceiling_pct"),
        ("ceiling: 50", "ceiling"),
        ("minutes_per_session: 45", "minutes_per_session"),
        ("[", "line 1: is not valid YAML"),
    ],
)
def test_a_wrong_profile_is_refused_with_file_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    write_profile(tmp_path, "k7", text)
    with pytest.raises(RecordError) as error:
        load(tmp_path, "k7")
    assert "k7.yaml" in str(error.value)
    assert complaint in str(error.value)
    assert "k7.yaml" in str(Harness(tmp_path).start(profile="k7"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty or all comments"]),
        ("# ceiling_pct: 40\n", ["empty or all comments"]),
        ("null\n", ["must hold keys and values"]),
        ("ceiling_pct: 30\nminutes_per_day: 5\nceiling_pct: 90\n", ["line 3", "ceiling_pct"]),
        (
            "minutes_per_day: 5\nexcluded_scenarios: [deephum]\n",
            ["line 2", "'deephum'", "deep-hum"],
        ),
        ("excluded_scenarios: [de\u0435p-hum]\n", ["line 1", "excluded_scenarios"]),
        ("excluded_scenarios: deep-hum\n", ["line 1", "excluded_scenarios"]),
        ("excluded_scenarios:\n#  - deep-hum\n", ["line 1", "excluded_scenarios"]),
        ("excluded_channels: [Sound]\n", ["line 1", "excluded_channels"]),
        ("ceiling_pct: true\n", ["line 1", "ceiling_pct"]),
        ("ceiling_pct: 040\n", ["line 1", "ceiling_pct"]),
        ("ceiling_pct: .nan\n", ["line 1", "ceiling_pct"]),
        ("minutes_per_session: 1:30\n", ["line 1", "minutes_per_session"]),
    ],
)
def test_limits_never_vanish_in_silence(tmp_path: Path, text: str, words: list[str]) -> None:
    write_profile(tmp_path, "k7", text)
    harness = Harness(tmp_path)
    refusal = str(harness.start(profile="k7"))
    assert not harness.arm_requests
    for word in ["k7.yaml", *words]:
        assert word in refusal


def test_own_scenarios_can_be_excluded_and_no_others(tmp_path: Path) -> None:
    write_profile(tmp_path, "k7", "excluded_scenarios: [my-brook]\n")
    with pytest.raises(RecordError, match="'my-brook' is no scenario"):
        Folder(tmp_path).profile("k7")
    profile = Folder(tmp_path, {"my-brook", "deep-hum"}).profile("k7")
    assert profile.excluded_scenarios == {"my-brook"}


@pytest.mark.parametrize(
    "name", ["default.yml", "Default.yaml", "DEFAULT.YAML", "default.yaml.txt"]
)
def test_a_misnamed_default_profile_is_not_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / name).write_text("ceiling_pct: 10\n")
    assert f"{name}: is not read: name it default.yaml" in str(Harness(tmp_path).start())


def test_a_default_profile_that_leads_nowhere_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "default.yaml").symlink_to(tmp_path / "usb-stick" / "default.yaml")
    assert "default.yaml: is not read" in str(Harness(tmp_path).start())


@pytest.mark.parametrize("code", ["../k7", "K7", "a/b", "", "x" * 41])
def test_a_code_cannot_leave_its_folder(tmp_path: Path, code: str) -> None:
    with pytest.raises(RecordError):
        load(tmp_path, code)


def test_without_a_file_there_is_only_the_default_profile(tmp_path: Path) -> None:
    assert load(tmp_path, "default") == DemonstrationProfile()
    with pytest.raises(RecordError, match=r"unknown: write .*k7\.yaml"):
        load(tmp_path, "k7")


# --- what was learned ---------------------------------------------------------------------------


def test_a_calm_session_is_learned_and_a_rating_counts(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running(scenario="night-sky")
    harness.show(NEUTRAL, 30)
    harness.command(SessionAction.FINISH, rating=3)
    harness.show(NEUTRAL, 6)
    learned = Folder(tmp_path).learned("default")
    assert [trial.scenario for trial in learned.trials] == ["night-sky"]
    assert learned.trials[0].reward == pytest.approx(0.75)
    assert not learned.after_distress


def test_a_rating_before_and_one_after_say_how_far_the_child_came(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running(scenario="night-sky", rating=1)
    harness.command(SessionAction.FINISH, rating=4)
    harness.show(NEUTRAL, 6)
    (trial,) = Folder(tmp_path).learned("default").trials
    assert (trial.before, trial.rating) == (1, 4)
    assert trial.reward == pytest.approx((1.0 + 0.875) / 2)


def test_a_rating_counts_until_the_fade_is_over_and_is_refused_after_it(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running(scenario="night-sky")
    harness.show(NEUTRAL, 30)
    harness.command(SessionAction.FINISH)
    assert harness.command(SessionAction.FINISH, rating=1) is None
    assert harness.command(SessionAction.FINISH) is None
    harness.show(NEUTRAL, 6)
    harness.expect(Phase.IDLE)
    assert "rating of 5 is not kept" in str(harness.command(SessionAction.FINISH, rating=5))
    assert harness.command(SessionAction.FINISH) is None
    (trial,) = Folder(tmp_path).learned("default").trials
    assert trial.reward == pytest.approx(0.5)


def test_a_child_that_arrives_upset_and_stays_so_earns_no_reward(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show((Label.NEGATIVE, -0.7, 0.6), 90)
    harness.command(SessionAction.FINISH)
    harness.wait(6)
    (trial,) = Folder(tmp_path).learned("default").trials
    assert trial.arrival == pytest.approx(1.0)
    assert trial.reward is not None
    assert trial.reward <= 0.3


def test_distress_is_remembered_for_the_next_choice_and_forgotten_after_calm(
    tmp_path: Path,
) -> None:
    harness = Harness(tmp_path)
    harness.start_running(scenario="slow-train")
    harness.show(CRYING, 20)
    assert harness.state.distress
    learned = Folder(tmp_path).learned("default")
    assert learned.after_distress
    assert learned.left_out == "slow-train"
    assert learned.trials[-1].reward == 0.0
    harness.start_running()
    assert "after distress" in harness.state.choice
    assert "'slow-train' was halted last and is left out" in harness.state.choice
    assert harness.state.scenario != "slow-train"
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    calm = Folder(tmp_path).learned("default")
    assert not calm.after_distress
    assert not calm.left_out


def test_a_session_that_never_ran_teaches_nothing(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start()
    harness.command(SessionAction.FINISH)
    harness.wait(6)
    assert Folder(tmp_path).learned("default") == Learned()


def test_the_next_child_begins_with_what_those_before_had_in_common(tmp_path: Path) -> None:
    write_profile(tmp_path, "k8", f"ceiling_pct: 60\n{ALL_TICKED}")
    harness = Harness(tmp_path)
    harness.must_start(profile="k8")
    shipped = {entry.scenario: entry.score for entry in harness.state.scores}
    harness.command(SessionAction.FINISH)
    harness.wait(6)
    for _ in range(3):
        harness.start_running(scenario="night-sky")
        harness.show(CRYING, 20)
        harness.wait(6)
    harness.must_start(profile="k8")
    now = {entry.scenario: entry.score for entry in harness.state.scores}
    assert now["night-sky"] < shipped["night-sky"] - 0.01
    assert all(entry.sessions == 0 for entry in harness.state.scores)


def test_the_files_hold_codes_and_numbers_only(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    dose_files = {"dose/default.json", "dose/default.json.bak"}
    assert files == {*dose_files, "learned/default.json"}
    kept = json.loads((tmp_path / "learned" / "default.json").read_text())
    fields = {"version", "trials", "earlier", "pinned", "excluded", "norms", "levels"}
    assert set(kept) == fields
    assert set(kept["trials"][0]) == {
        "session_id",
        "ended",
        "scenario",
        "features",
        "arrival",
        "calm",
        "less",
        "before",
        "rating",
        "halted",
        "void",
    }


def test_overrides_outlive_a_restart(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.overrides() is None
    kept = OverrideState(hold=True, ceiling_pct=15, channels_off=(Channel.SOUND,))
    folder.save_overrides(kept)
    assert Folder(tmp_path).overrides() == kept


def test_a_full_disk_gathers_no_temporary_files(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.save_ledger("c7", Ledger())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        for _ in range(3):
            with pytest.raises(RecordError, match="cannot be written"):
                folder.save_ledger("c7", Ledger())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["c7.json"]
    assert folder.ledger("c7") == Ledger()
