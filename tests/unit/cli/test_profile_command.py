"""`calmloop profile` says of a child's file what the scenario-selector would."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from calmloop.cli.main import app
from calmloop.scenario_selector import Profile, load_scenarios

LIBRARY = load_scenarios()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The profiles of the data_dir that is set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALMLOOP_SCENARIO_SELECTOR__DATA_DIR", str(tmp_path))
    (tmp_path / "profiles").mkdir()
    return tmp_path / "profiles"


def calmloop(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_every_fault_is_told_with_file_line_key_value_and_bound(folder: Path) -> None:
    text = "ceiling_pct: 140\nmax_light_pct: bright\nsensory: {smell: seeking}\nname: Anna\n"
    path = written(folder, "k7.yaml", text)
    result = calmloop("profile", "check", path)

    assert result.exit_code == 2
    lines = result.output.splitlines()
    for line, words in (
        (1, ["ceiling_pct", "less than or equal to 100", "140"]),
        (2, ["max_light_pct", "a valid number", "'bright'"]),
        (3, ["sensory", "'vibration', 'sound' or 'light'", "smell"]),
        (4, ["name", "unknown key: known are ceiling_pct"]),
    ):
        told = next(each for each in lines if each.startswith(f"{path} line {line}: "))
        for word in words:
            assert word in told
    assert "Anna" not in result.output


def test_a_good_one_is_told_with_what_plays_and_what_stands_against_the_rest(folder: Path) -> None:
    ticked = "cleared_contraindications: [seizures, implant, tissue]\n"
    written(folder, "k7.yaml", f"excluded_scenarios: [deep-hum]\n{ticked}")
    written(folder, "k8.yaml", "ceiling_pct: 40\n")
    result = calmloop("profile", "check")

    assert result.exit_code == 0
    first, second = result.output.splitlines()
    plays = "k7.yaml: plays breathe-along, ocean-waves, singing-bowls;"
    assert f"{plays} nobody ticked off what stands against forest-rain" in first
    assert "quiet-glow (photosensitivity, bright-light)" in first
    assert first.endswith("excluded: deep-hum")
    assert "k8.yaml: plays nothing; " in second
    assert all(name in second for name in LIBRARY)


def test_one_that_is_wrong_does_not_hide_the_others(folder: Path) -> None:
    wrong = written(folder, "k7.yaml", "")
    good = written(folder, "k8.yaml", "ceiling_pct: 40\n")
    result = calmloop("profile", "check", wrong, folder / "none.yaml", good)

    assert result.exit_code == 2
    assert f"{wrong}: must hold keys and values" in result.output
    assert f"{folder / 'none.yaml'}: is not there" in result.output
    assert f"good: {good}" in result.output


@pytest.mark.parametrize("name", ["k7.yml", "k7.yaml.txt", "K7.yaml", "Anna B.yaml"])
def test_a_name_that_the_selector_would_not_find_is_told(folder: Path, name: str) -> None:
    result = calmloop("profile", "check", written(folder, name, "ceiling_pct: 40\n"))

    assert result.exit_code == 2
    assert "name it k7.yaml" in result.output or "a code has small letters" in result.output


def test_without_a_profile_it_says_where_it_looked(folder: Path) -> None:
    result = calmloop("profile", "check")

    assert (result.exit_code, str(folder) in result.output.replace("\n", "")) == (2, True)


GOOD: list[dict[str, Any]] = [
    {},
    {"ceiling_pct": 40, "minutes_per_day": 30.5},
    {"sensory": {"vibration": "seeking"}, "excluded_channels": ["sound"], "notes": "Trains."},
    {"cleared_contraindications": ["implant", "Fear of trains"]},
]
BAD: list[dict[str, Any]] = [
    {"ceiling_pct": 101},
    {"ceiling_pct": True},
    {"minutes_per_session": 0},
    {"excluded_scenarios": ["Deep Hum"]},
    {"excluded_channels": ["smell"]},
    {"sensory": {"sound": "loud"}},
    {"cleared_contraindications": None},
    {"cleared_contraindications": ["x" * 201]},
    {"goals": "x" * 4001},
    {"name": "Anna"},
]


def test_the_schema_takes_and_refuses_what_a_profile_does(tmp_path: Path) -> None:
    out = tmp_path / "profile.json"
    printed, kept = calmloop("profile", "schema"), calmloop("profile", "schema", "--out", out)

    assert (printed.exit_code, kept.exit_code) == (0, 0)
    assert out.read_text() == printed.stdout
    schema = json.loads(printed.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for body in GOOD:
        Profile.model_validate(body)
        assert validator.is_valid(body), body
    for body in BAD:
        with pytest.raises(ValidationError):
            Profile.model_validate(body)
        assert not validator.is_valid(body), body
