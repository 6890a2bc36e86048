"""The first technician is added at the console's own machine, with a PIN that nobody sees."""

import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.caregiver_console.actors import Role
from calmloop.caregiver_console.enrol import main
from calmloop.caregiver_console.people import UserFile
from calmloop.cli.main import app

PIN = "135790"


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALMLOOP_CAREGIVER_CONSOLE__DATA_DIR", str(tmp_path / "console"))
    return tmp_path / "console"


def test_in_the_container_a_pipe_brings_the_pin(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PIN}\n"))
    assert main(["Anna", "--role", "caregiver"]) == 0
    (anna,) = UserFile(data_dir).users
    assert (anna.name, anna.role) == ("Anna", Role.CAREGIVER)
    assert PIN not in "".join(capsys.readouterr())


def test_a_pin_that_is_none_is_said_and_nobody_is_added(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("12\n"))
    assert main(["Anna"]) == 2
    assert "6 to 12 digits" in capsys.readouterr().err
    assert not data_dir.exists()


def test_the_command_adds_lists_and_removes(data_dir: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["console", "user", "add", "Anna"], input=f"{PIN}\n").exit_code == 0
    added = run(app, ["console", "user", "add", "Vida", "--role", "viewer"], input=f"{PIN}\n")
    assert added.exit_code == 0
    assert PIN not in added.output
    assert run(app, ["console", "user", "list"]).stdout == "Anna\ttechnician\nVida\tviewer\n"
    assert run(app, ["console", "user", "remove", "Vida"]).exit_code == 0
    last = run(app, ["console", "user", "remove", "Anna"])
    assert last.exit_code == 2
    assert "last technician" in last.output
