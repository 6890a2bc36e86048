"""`calmloop log`: copies that are whole or refused, tables for others, and erasure."""

import csv
import json
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from calmloop.cli.main import app
from tests.unit.session_log.log_rig import database, fill, note, open_log, reader, samples

Log = Callable[..., Result]
CODE = "k7-and-nobody-else"
"""So long that it stands in what is encrypted by no chance."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log with two children, which the settings name."""
    made = tmp_path / "log"
    monkeypatch.setenv("CALMLOOP_SESSION_LOG__DATA_DIR", str(made))
    monkeypatch.chdir(tmp_path)
    store, _ = open_log(made)
    fill(store, 20, CODE, "s1")
    store.append([note("=HYPERLINK(1)", "k8", "s2")], {"s2": samples()})
    store.close()
    return made


@pytest.fixture
def log(folder: Path) -> Log:
    def run(*words: str | Path) -> Result:
        given = ["log", *map(str, words)]
        return CliRunner().invoke(app, given, env={"COLUMNS": "300"})

    return run


def texts(folder: Path) -> list[str]:
    store, _ = open_log(folder)
    found = [event.text for event in reader(store).all_events()]
    store.close()
    return found


def test_a_backup_brings_back_what_was_there(folder: Path, tmp_path: Path, log: Log) -> None:
    before = texts(folder)
    assert log("backup", tmp_path / "b.zip", "--keys", tmp_path / "b.keys").exit_code == 0
    assert (tmp_path / "b.keys").stat().st_mode & 0o777 == 0o600
    with ZipFile(tmp_path / "b.zip") as backup:
        assert all(CODE.encode() not in backup.read(name) for name in backup.namelist())
    for path in (*folder.glob("log.*"), *(folder / "keys").iterdir()):
        path.unlink()
    result = log("restore", tmp_path / "b.zip", "--keys", tmp_path / "b.keys")
    assert result.exit_code == 0, result.output
    assert "2 sessions and 21 events are there" in result.output
    assert texts(folder) == before
    assert log("verify").exit_code == 0


def test_a_log_that_is_there_is_not_replaced_unasked(
    folder: Path, tmp_path: Path, log: Log
) -> None:
    log("backup", tmp_path / "b.zip")
    store, _ = open_log(folder)
    store.append([note("after the backup")])
    store.close()
    refused = log("restore", tmp_path / "b.zip")
    assert refused.exit_code == 2
    assert "--replace moves it aside" in refused.output
    result = log("restore", tmp_path / "b.zip", "--replace")
    assert result.exit_code == 0, result.output
    assert "after the backup" not in texts(folder)
    assert list(folder.glob("replaced-*/log.db"))


@pytest.mark.parametrize("damage", ["flip", "cut", "other"])
def test_a_damaged_backup_is_refused_and_nothing_changes(
    folder: Path, tmp_path: Path, log: Log, damage: str
) -> None:
    file = tmp_path / "b.zip"
    log("backup", file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    cut = bytes(data[: len(data) // 2])
    file.write_bytes({"flip": bytes(data), "cut": cut, "other": b"no backup"}[damage])
    before = texts(folder)
    result = log("restore", file, "--replace")
    assert result.exit_code == 2
    assert "is no whole backup of a log" in result.output
    assert texts(folder) == before


def test_who_was_erased_stays_erased_when_a_backup_comes_back(
    folder: Path, tmp_path: Path, log: Log
) -> None:
    log("backup", tmp_path / "b.zip", "--keys", tmp_path / "b.keys")
    assert log("erase", CODE).exit_code == 2
    assert log("erase", CODE, "--confirm", CODE).exit_code == 0
    result = log("restore", tmp_path / "b.zip", "--keys", tmp_path / "b.keys", "--replace")
    assert result.exit_code == 0, result.output
    assert "1 are of children that were erased" in result.output
    assert texts(folder) == ["=HYPERLINK(1)"]
    assert log("verify").exit_code == 0


def test_a_log_that_is_written_is_backed_up_and_not_restored(
    folder: Path, tmp_path: Path, log: Log
) -> None:
    store, _ = open_log(folder)
    store.append([note("just now")])
    assert log("backup", tmp_path / "b.zip").exit_code == 0
    result = log("restore", tmp_path / "b.zip", "--replace")
    assert result.exit_code == 1
    assert "another process writes this log: stop it first" in result.output
    store.close()


def test_sessions_are_listed(log: Log) -> None:
    result = log("list", "--child", "k8")
    assert result.exit_code == 0
    assert "s2" in result.output
    assert "s1" not in result.output
    unknown = log("list", "--child", "k9")
    assert unknown.exit_code == 1
    assert f"there is {CODE}, k8" in unknown.output


def test_tables_for_others_hold_all_and_no_formula(folder: Path, tmp_path: Path, log: Log) -> None:
    result = log("export", "--out", tmp_path / "csv")
    assert result.exit_code == 0, result.output
    with (tmp_path / "csv" / "events.csv").open() as file:
        events = list(csv.DictReader(file))
    assert [event["text"] for event in events] == [*texts(folder)[:-1], "'=HYPERLINK(1)"]
    with (tmp_path / "csv" / "samples.csv").open() as file:
        assert [row["level_pct"] for row in csv.DictReader(file)][:2] == ["20.0", "21.0"]
    assert (
        log("export", "--out", tmp_path / "json", "--format", "json", "--child", "k8").exit_code
        == 0
    )
    (event,) = (tmp_path / "json" / "events.json").read_text().splitlines()
    assert json.loads(event)["text"] == "=HYPERLINK(1)"


def test_parquet_holds_the_same_or_says_what_it_needs(tmp_path: Path, log: Log) -> None:
    result = log("export", "--out", tmp_path / "parquet", "--format", "parquet")
    if find_spec("pyarrow") is None:
        assert result.exit_code == 2
        assert "Parquet needs pyarrow" in result.output
        return
    assert result.exit_code == 0, result.output
    parquet = import_module("pyarrow.parquet")
    assert parquet.read_table(tmp_path / "parquet" / "events.parquet").num_rows == 21


def test_verify_names_what_is_not_whole_and_changes_nothing(folder: Path, log: Log) -> None:
    data = bytearray(database(folder).read_bytes())
    store, _ = open_log(folder)
    (sealed,) = store.db.execute("SELECT sealed FROM event WHERE id = 5").fetchone()
    store.close()
    data[data.index(sealed) + 30] ^= 4
    database(folder).write_bytes(bytes(data))
    result = log("verify")
    assert result.exit_code == 1
    assert "the log was damaged" in result.output
    assert database(folder).read_bytes() == bytes(data)


def test_without_a_log_it_says_so(folder: Path, tmp_path: Path, log: Log) -> None:
    for path in folder.glob("log.*"):
        path.unlink()
    for words in (["backup", tmp_path / "b.zip"], ["list"], ["export", "--out", tmp_path / "out"]):
        result = log(*words)
        assert result.exit_code == 2
        assert "there is no log: check session_log.data_dir" in result.output
    assert not (tmp_path / "out").exists()
