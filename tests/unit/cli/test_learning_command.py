"""`calmloop learning` against the real scenario-selector, and on its files."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calmloop.base.settings import MqttSettings, ServiceSettings
from calmloop.caregiver import connected
from calmloop.cli.main import app
from calmloop.contract.topics import Account
from calmloop.demo.stack import CHAIR_ID, Stack, StackOptions
from calmloop.scenario_selector import FEATURE_NAMES, Learned, Trial, features_of, load_scenarios
from calmloop.scenario_selector.contraindications import CONTRAINDICATIONS
from tests.broker import Broker

READY_S = 20.0
LIBRARY = load_scenarios()


def calmloop(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


def trial(number: int, scenario: str, **fields: object) -> Trial:
    """One session of an hour ago, felt as calm unless the fields say otherwise."""
    return Trial.model_validate(
        {
            "session_id": f"s{number}",
            "ended": datetime.now(UTC) - timedelta(hours=1),
            "scenario": scenario,
            "features": features_of(LIBRARY[scenario]),
            "arrival": 0.25,
            "calm": 1.0,
            **fields,
        }
    )


def sessions() -> Learned:
    """Eight: deep-hum calms, quiet-glow ended in distress each time, the last of all too."""
    halted = {"calm": None, "halted": True}
    found = [
        trial(number, "quiet-glow" if number % 2 else "deep-hum", **halted if number % 2 else {})
        for number in range(8)
    ]
    return Learned(trials=found)


def keep(data_dir: Path, code: str, learned: Learned) -> Path:
    path = data_dir / "learned" / f"{code}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(learned.model_dump_json())
    return path


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of a selector that runs; the commands find its broker."""
    stack = Stack(tmp_path_factory.mktemp("stack"), StackOptions())
    data_dir = stack.folder / "profiles"
    (data_dir / "profiles").mkdir(parents=True)
    for code in ("k7", "k8"):
        ticked = f"cleared_contraindications: {sorted(CONTRAINDICATIONS)}\n"
        (data_dir / "profiles" / f"{code}.yaml").write_text(ticked)
    try:
        stack.broker.start()
        stack.start(Account.SCENARIO_SELECTOR)
        mqtt = MqttSettings(port=stack.broker.port)
        with connected(ServiceSettings(chair_id=CHAIR_ID, mqtt=mqtt)) as client:
            assert client.await_seen(lambda: client.seen.session, READY_S)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("CALMLOOP_CHAIR_ID", CHAIR_ID)
            environment.setenv("CALMLOOP_MQTT__PORT", str(stack.broker.port))
            environment.setenv("CALMLOOP_SCENARIO_SELECTOR__DATA_DIR", str(data_dir))
            yield data_dir
    finally:
        stack.stop()


@pytest.fixture
def record(data_dir: Path) -> Path:
    """The file of the child k7, after eight sessions."""
    return keep(data_dir, "k7", sessions())


def kept(record: Path) -> Learned:
    return Learned.model_validate_json(record.read_bytes())


def test_before_any_child_there_is_nothing_to_show(data_dir: Path) -> None:
    result = calmloop("learning", "show")

    assert result.exit_code == 1
    assert "no child sat here since the start" in result.output
    assert "--profile" in result.output


def test_what_was_learned_is_shown_in_words_and_numbers(record: Path) -> None:
    before = record.read_bytes()
    result = calmloop("learning", "show", "--profile", "k7")

    assert result.exit_code == 0, result.output
    assert "'k7': 8 sessions, on what simulations have in common" in result.output
    assert "likes vibration: " in result.output
    assert "last session: not rated, ended in distress" in result.output
    rows = {row.split("│")[1].strip(): row for row in result.output.splitlines() if "│" in row}
    assert rows.keys() >= {*LIBRARY, "vibration"}
    expected = {name: float(rows[name].split("│")[2]) for name in LIBRARY}
    assert expected["deep-hum"] > expected["quiet-glow"]
    assert rows["deep-hum"].rstrip("│ ").endswith("4")
    assert record.read_bytes() == before


def test_without_a_code_the_child_spoken_of_last_is_shown(record: Path) -> None:
    assert calmloop("learning", "show", "--profile", "k7").exit_code == 0
    result = calmloop("learning", "show")

    assert (result.exit_code, "'k7': 8 sessions" in result.output) == (0, True)


def test_a_rating_and_a_voided_halt_stand_in_the_record(record: Path) -> None:
    assert calmloop("learning", "rate", "2", "--profile", "k7").exit_code == 0
    assert kept(record).trials[-1].rating == 2
    assert calmloop("learning", "void", "--profile", "k7").exit_code == 0
    assert kept(record).trials[-1].void
    again = calmloop("learning", "void", "--profile", "k7")
    assert (again.exit_code, "was not halted" in again.output) == (1, True)


def test_scenarios_are_pinned_excluded_and_taken_back(record: Path) -> None:
    child = ("--profile", "k7")
    assert calmloop("learning", "pin", "night-sky", *child).exit_code == 0
    assert calmloop("learning", "exclude", "slow-train", *child).exit_code == 0
    assert (kept(record).pinned, kept(record).excluded) == ("night-sky", frozenset({"slow-train"}))
    shown = calmloop("learning", "show", *child).output
    assert "pinned: night-sky" in shown and "excluded: slow-train" in shown
    refused = calmloop("learning", "exclude", "night-sky", *child)
    assert (refused.exit_code, "is pinned: send 'unpin'" in refused.output) == (1, True)
    assert calmloop("learning", "unpin", *child).exit_code == 0
    assert calmloop("learning", "allow", "slow-train", *child).exit_code == 0
    assert (kept(record).pinned, kept(record).excluded) == (None, frozenset())


def test_what_is_forgotten_is_in_no_file(record: Path) -> None:
    calmloop("learning", "rate", "2", "--profile", "k7")
    assert calmloop("learning", "forget", "--profile", "k7").exit_code == 0

    assert kept(record) == Learned()
    assert [path.name for path in record.parent.glob("k7*")] == ["k7.json"]
    assert calmloop("learning", "forget").exit_code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "--profile", "k9"), "profile 'k9' is unknown: write"),
        (("pin", "no-such", "--profile", "k7"), "'no-such' is unknown: known are breathe-along"),
        (("rate", "3", "--profile", "k8"), "no session of 'k8' is kept"),
    ],
)
def test_what_makes_no_sense_is_refused_in_plain_words(
    record: Path, words: tuple[str, ...], told: str
) -> None:
    result = calmloop("learning", *words)

    assert result.exit_code == 1
    assert f"refused: {told}" in result.output or told in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("learning", "show", "--profile", "../k7"),
        ("learning", "pin", "Night Sky"),
        ("override", "scenario", "Night Sky"),
    ],
)
def test_what_no_message_takes_is_wrong_input(data_dir: Path, words: tuple[str, ...]) -> None:
    result = calmloop(*words)

    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2
    assert words[-1] in result.output


def test_a_rating_that_is_none_is_wrong_input() -> None:
    result = calmloop("learning", "rate", "6")

    assert result.exit_code == 2
    assert "less than or equal to 5" in result.output


def test_a_record_is_exported_whole_and_can_be_copied_back(record: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "k7.json", tmp_path / "k7.csv"
    before = record.read_bytes()
    result = calmloop("learning", "export", "--profile", "k7", "--out", out, "--csv", table)

    assert (result.exit_code, "8 sessions" in result.output) == (0, True)
    assert kept(out) == kept(record)
    assert record.read_bytes() == before
    rows = list(csv.DictReader(table.open(newline="")))
    assert [row["session_id"] for row in rows] == [f"s{number}" for number in range(8)]
    assert [(row["scenario"], row["halted"], row["reward"]) for row in rows[:2]] == [
        ("deep-hum", "False", "1.0"),
        ("quiet-glow", "True", "0.0"),
    ]
    assert set(rows[0]) == {*Trial.model_fields, "reward", *FEATURE_NAMES} - {"features"}
    assert rows[0]["rating"] == "" and rows[0]["arrival"] == "0.25"
    features = tuple(float(rows[0][name]) for name in FEATURE_NAMES)
    assert features == pytest.approx(features_of(LIBRARY["deep-hum"]))

    record.unlink()
    out.rename(record)
    assert "'k7': 8 sessions" in calmloop("learning", "show", "--profile", "k7").output


def test_a_folder_that_was_copied_out_is_exported_without_a_broker(tmp_path: Path) -> None:
    path = keep(tmp_path, "k7", sessions())
    result = calmloop("learning", "export", "--profile", "k7", "--data-dir", tmp_path)

    assert result.exit_code == 0
    assert Learned.model_validate_json(result.stdout) == kept(path)


@pytest.mark.parametrize("text", ["", "{", '{"trials": [{"session_id": "s1"}]}', '{"version": 9}'])
def test_a_record_that_cannot_be_used_is_named_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = keep(tmp_path, "k7", Learned())
    path.write_text(text)
    out = tmp_path / "out.json"
    result = calmloop("learning", "export", "--profile", "k7", "--data-dir", tmp_path, "--out", out)

    assert (result.exit_code, str(path) in result.output.replace("\n", "")) == (2, True)
    assert not out.exists()
    assert [(each.name, each.read_text()) for each in path.parent.iterdir()] == [("k7.json", text)]


def test_a_child_without_a_record_is_told_with_those_that_have_one(tmp_path: Path) -> None:
    keep(tmp_path, "k7", sessions())
    result = calmloop("learning", "export", "--profile", "k8", "--data-dir", tmp_path)

    told = result.output.replace("\n", "")
    assert result.exit_code == 2
    assert "nothing was learned of 'k8': there are records of k7" in told
    assert "--data-dir" in told


def test_without_a_selector_nobody_answers(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
    for words in (("show",), ("void",)):
        result = calmloop("learning", *words)
        assert result.exit_code == 1
        assert "no answer from the scenario-selector: is it running?" in result.output
