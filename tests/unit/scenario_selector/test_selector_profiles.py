"""What a child's profile says of its body and senses is kept, whatever plays."""

from pathlib import Path

import pytest

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.session import OverrideAction
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.contraindications import CONTRAINDICATIONS
from calmloop.scenario_selector.profiles import RecordError, check_all, load
from calmloop.scenario_selector.settings import Settings
from tests.unit.scenario_selector.harness import ALL_TICKED, HAPPY, NEUTRAL, Harness, write_profile

LIBRARY = scenario.load()
TEXTS = "goals: Ten minutes in the chair.\nnotes: Likes trains.\n"


def test_shipped_scenarios_name_contraindications_by_their_codes() -> None:
    named = {name for one in LIBRARY.values() for name in one.contraindications}
    assert named == set(CONTRAINDICATIONS)


def test_a_scenario_with_an_unticked_contraindication_is_refused_with_its_name(
    tmp_path: Path,
) -> None:
    write_profile(tmp_path, "k7", "cleared_contraindications: [photosensitivity, bright-light]\n")
    harness = Harness(tmp_path)
    refusal = str(harness.start(profile="k7", scenario="deep-hum"))
    named = "'touch', 'implant', 'tissue', 'low-blood-pressure'"
    assert f"scenario 'deep-hum' touches {named}, which nobody ticked off" in refusal
    assert "'touch': Touch that is hard to bear" in refusal
    assert "'implant': Pacemaker" in refusal
    line = (
        "cleared_contraindications: [bright-light, implant, low-blood-pressure, photosensitivity,"
        " tissue, touch]"
    )
    assert f"write `{line}` in {tmp_path}/profiles/k7.yaml" in refusal
    harness.start_running(profile="k7")
    assert harness.state.scenario == "quiet-glow"
    assert {entry.scenario for entry in harness.state.scores} == {"quiet-glow"}
    other = harness.override(OverrideAction.SCENARIO, scenario="deep-hum", token=harness.token)
    assert "'deep-hum' touches" in str(other)
    write_profile(tmp_path, "k7", f"{line}\n")
    assert load(tmp_path, "k7").unticked(LIBRARY["deep-hum"]) == []


@pytest.mark.parametrize("code", ["k7", "default"])
@pytest.mark.parametrize("text", ["cleared_contraindications: []\n", "ceiling_pct: 40\n"])
def test_with_nothing_ticked_nothing_starts_and_each_scenario_is_named(
    tmp_path: Path, code: str, text: str
) -> None:
    """Also where nobody was asked: a file without the key is no consent."""
    write_profile(tmp_path, code, text)
    harness = Harness(tmp_path)
    refusal = str(harness.start(profile=code))
    assert not harness.arm_requests
    for name, one in LIBRARY.items():
        assert f"'{name}' touches {', '.join(map(repr, one.contraindications))}" in refusal
        assert f"'{name}' touches" in str(harness.start(profile=code, scenario=name))
    on_the_bus = refusal[:400]
    assert "`cleared_contraindications: [implant, seizures]`" in on_the_bus
    assert f"profiles/{code}.yaml" in on_the_bus
    assert not harness.arm_requests


@pytest.mark.parametrize("name", LIBRARY)
def test_without_a_file_the_default_profile_refuses_nothing(tmp_path: Path, name: str) -> None:
    """A demonstration, with nobody in the chair whom anything could stand against."""
    assert Harness(tmp_path).start(scenario=name) is None


def test_with_all_ticked_all_are_offered(tmp_path: Path) -> None:
    write_profile(tmp_path, "k7", ALL_TICKED)
    harness = Harness(tmp_path)
    harness.start_running(profile="k7")
    assert {entry.scenario for entry in harness.state.scores} == set(LIBRARY)


def test_a_contraindication_in_words_is_ticked_by_its_code_or_its_words(tmp_path: Path) -> None:
    text = CONTRAINDICATIONS["implant"]
    own = "Fear of trains"
    one = LIBRARY["slow-train"].model_copy(update={"contraindications": ("implant", own)})
    write_profile(tmp_path, "k7", f'cleared_contraindications: ["{text}"]\n')
    assert load(tmp_path, "k7").unticked(one) == [own]
    assert '["Fear of trains", implant]' in load(tmp_path, "k7").line_that_ticks([own])
    write_profile(tmp_path, "k7", f'cleared_contraindications: [implant, "{own}"]\n')
    assert load(tmp_path, "k7").unticked(one) == []
    again = scenario.Scenario.model_validate(
        {**LIBRARY["slow-train"].model_dump(), "contraindications": (text, own)}
    )
    assert again.contraindications == ("implant", own)


def test_no_channel_goes_above_the_profiles_level(tmp_path: Path) -> None:
    text = "ceiling_pct: 100\nmax_vibration_pct: 4\nmax_sound_pct: 3\nmax_light_pct: 10\n"
    write_profile(tmp_path, "k7", text + ALL_TICKED)
    harness = Harness(tmp_path)
    harness.start_running(profile="k7", scenario="ocean-waves")
    harness.show(HAPPY, 60)
    harness.show(NEUTRAL, 10)
    assert max(each.vibration.level_pct for each in harness.setpoints) == 4
    assert max(each.sound.level_pct for each in harness.setpoints) == 3
    lights = [each.light for each in harness.setpoints]
    assert max(max(x.red_pct, x.green_pct, x.blue_pct) for x in lights) == pytest.approx(10)


def test_a_sensory_profile_moves_what_is_expected_and_bounds_nothing(tmp_path: Path) -> None:
    write_profile(tmp_path, "k7", f"sensory: {{vibration: avoiding, light: seeking}}\n{ALL_TICKED}")
    write_profile(tmp_path, "k8", TEXTS + ALL_TICKED)
    scores = {}
    for code in ("k7", "k8"):
        harness = Harness(tmp_path)
        harness.must_start(profile=code)
        scores[code] = {entry.scenario: entry.score for entry in harness.state.scores}
    assert scores["k7"]["quiet-glow"] > scores["k8"]["quiet-glow"]
    assert scores["k7"]["deep-hum"] < scores["k8"]["deep-hum"]
    assert set(scores["k7"]) == set(LIBRARY)


def test_goals_and_notes_stay_in_the_file(tmp_path: Path) -> None:
    write_profile(tmp_path, "k8", TEXTS + ALL_TICKED)
    harness = Harness(tmp_path)
    harness.start_running(profile="k8")
    said = harness.state.model_dump_json() + harness.engine.lessons.state.model_dump_json()
    assert "trains" not in said
    assert "Ten minutes" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max_light_pct: 101\n", ["max_light_pct", "100", "101"]),
        ("max_sound_pct: -1\n", ["max_sound_pct", "-1"]),
        ("sensory: {smell: seeking}\n", ["sensory", "vibration"]),
        ("sensory: {sound: loud}\n", ["sensory", "seeking", "loud"]),
        ("cleared_contraindications:\n", ["cleared_contraindications", "must be a list"]),
        ("cleared_contraindications: implant\n", ["cleared_contraindications"]),
        (f"notes: {'x' * 4001}\n", ["notes", "4000"]),
    ],
)
def test_a_wrong_value_is_refused_with_file_key_and_bound(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    write_profile(tmp_path, "k7", text)
    with pytest.raises(RecordError) as error:
        load(tmp_path, "k7")
    for word in ["k7.yaml line 1", *words]:
        assert word in str(error.value)


def test_the_configuration_is_checked_with_all_profiles(tmp_path: Path) -> None:
    settings = Settings.model_validate({"scenario_selector": {"data_dir": tmp_path}})
    settings.check_files()
    write_profile(tmp_path, "k7", "max_light_pct: 101\n")
    write_profile(tmp_path, "k8", "ceiling_pct: 40\n")
    write_profile(tmp_path, "k9", "excluded_scenarios: [no-such]\n")
    with pytest.raises(ConfigurationError) as error:
        settings.check_files()
    faults = str(error.value).splitlines()
    assert len(faults) == 2
    assert "k7.yaml" in faults[0]
    assert "k9.yaml" in faults[1]
    check_all(tmp_path / "nowhere", LIBRARY)


@pytest.mark.parametrize("text", [f"notes: {'Likes trains. ' * 400}\n", "note: Likes trains.\n"])
def test_a_refusal_does_not_tell_what_was_written_of_a_child(tmp_path: Path, text: str) -> None:
    write_profile(tmp_path, "k7", text)
    refusal = str(Harness(tmp_path).start(profile="k7"))
    assert "k7.yaml line 1: note" in refusal
    assert "trains" not in refusal
