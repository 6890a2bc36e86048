"""Every command, whatever it is given: an exit code, a sentence, and nothing left behind.

0: done. 1: it began, and something failed. 2: what it was given is wrong. 130: Ctrl-C.
"""

import errno
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner, Result

from calmloop.base.errors import ConfigurationError, DeviceError, InputError
from calmloop.caregiver import connection
from calmloop.cli.failures import TellingGroup
from calmloop.cli.main import app
from tests.processes import clean_environment

CALMLOOP = Path(sys.executable).parent / "calmloop"
OUTPUTS = {"out", "report", "logs", "notes", "sheet", "pictures"}
"""Names of options that say where to write."""


def commands() -> Iterator[tuple[str, Any]]:
    """Each command by its words, those of groups too."""
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for inner, below in getattr(command, "commands", {"": command}).items():
            yield f"{name} {inner}".strip(), below


COMMANDS = dict(commands())


def calmloop(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "300"})


def run(*words: str | Path, **more: Any) -> "subprocess.CompletedProcess[str]":
    environment = clean_environment(CALMLOOP_MQTT__PORT="1")
    return subprocess.run(
        [CALMLOOP, *words], env=environment, stderr=subprocess.PIPE, text=True, check=False, **more
    )


@pytest.mark.parametrize("words", COMMANDS)
def test_an_option_that_nobody_knows_is_wrong_input(words: str) -> None:
    assert calmloop(*words.split(), "--nonsense").exit_code == 2
    assert calmloop(*words.split(), "--help").exit_code == 0


@pytest.mark.parametrize("words", COMMANDS)
def test_every_output_is_looked_at_before_the_work(words: str) -> None:
    unchecked = [
        param.name
        for param in COMMANDS[words].params
        if param.name in OUTPUTS and param.callback is None
    ]
    assert not unchecked


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Path]:
    """What people name by mistake."""
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "folder").mkdir()
    kinds = ("missing", "empty", "binary", "folder")
    return {kind: tmp_path / kind for kind in kinds} | {"too long": tmp_path / ("x" * 300)}


@pytest.mark.parametrize("kind", ["missing", "empty", "binary", "folder", "too long"])
@pytest.mark.parametrize(
    "words",
    [
        "annotate GIVEN --out OUT",
        "bench --no-peer --source GIVEN",
        "replay GIVEN",
        "evaluate GIVEN --data GIVEN",
        "baseline --data GIVEN",
        "label GIVEN --out OUT",
        "predict GIVEN --out OUT",
        "agree GIVEN",
        "data describe GIVEN",
        "chair calibrate --from GIVEN",
        "chair flash GIVEN",
        "demo --headless --source GIVEN",
        "profile check GIVEN",
    ],
)
def test_an_input_that_cannot_be_used_is_named_and_nothing_is_written(
    given: dict[str, Path], tmp_path: Path, words: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no avrdude, no broker: it must not come to that
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALMLOOP_TRACKS_DIR", str(tmp_path / "out"))
    places = {"GIVEN": str(given[kind]), "OUT": str(tmp_path / "out")}
    if words.startswith("chair flash") and kind in ("empty", "binary"):
        words += " --dry-run"
    result = calmloop(*(places.get(word, word) for word in words.split()))

    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2 or (kind == "too long" and result.exit_code == 1)
    assert str(given[kind])[-60:] in result.output.replace("\n", "")
    assert not (tmp_path / "out").exists()


def test_a_chair_that_is_not_built_is_told_before_minutes_of_rendering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calmloop.demo.chair.POSIX", tmp_path / "not-built")
    monkeypatch.setenv("CALMLOOP_TRACKS_DIR", str(tmp_path / "tracks"))
    result = calmloop("demo", "--headless")
    assert result.exit_code == 1
    assert "make setup" in result.output
    assert not (tmp_path / "tracks").exists()


@pytest.mark.parametrize(
    "words",
    [
        "annotate sim --out OUT",
        "bench --no-peer --report OUT",
        "record OUT",
        "schema --out OUT",
        "label clip.mp4 --out OUT",
        "predict clip.mp4 --out OUT",
        "data describe . --sheet OUT",
        "learning export --profile k7 --out OUT",
        "learning export --profile k7 --csv OUT",
        "profile schema --out OUT",
        "evaluate a.tflite --data . --pictures OUT",
        "chair calibrate --notes OUT",
        "train --data . --out OUT",
        "teach run --data . --out OUT",
        "export run --data . --out OUT",
        "ablate --data . --out OUT",
        "demo --headless --report OUT",
        "demo --headless --logs OUT",
    ],
)
def test_a_place_below_a_file_is_refused_at_once(tmp_path: Path, words: str) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "deeper"
    result = calmloop(*(str(place) if word == "OUT" else word for word in words.split()))
    assert result.exit_code == 2
    assert "Invalid value for" in result.output
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize(
    "words",
    [
        "stop",
        "reset",
        "ack seat_empty",
        "session pause",
        "session show",
        "override less",
        "learning show",
    ],
)
def test_without_a_broker_an_operators_command_fails(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_S", 0.1)
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", "1")
    result = calmloop(*words.split())
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)


# --- what no command catches itself --------------------------------------------------------------

ANY_FAILURE = {
    "setting": (ConfigurationError("a setting"), 2, "a setting"),
    "input": (InputError("a file"), 2, "a file"),
    "device": (DeviceError("a camera"), 1, "a camera"),
    "disk": (OSError(errno.ENOSPC, "No space left on device", "/x"), 1, "free some space"),
    "rights": (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "its permissions"),
    "bytes": (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), 1, "save it as UTF-8"),
    "memory": (MemoryError(), 1, "not enough memory"),
    "Ctrl-C": (KeyboardInterrupt(), 130, ""),
}


@pytest.mark.parametrize("name", ANY_FAILURE)
def test_any_failure_is_a_sentence_and_an_exit_code(name: str) -> None:
    error, code, told = ANY_FAILURE[name]
    failing = typer.Typer(cls=TellingGroup, pretty_exceptions_enable=False)

    @failing.callback()
    def _group() -> None:
        """Holds one command."""

    @failing.command()
    def fail() -> None:
        raise error

    result = CliRunner().invoke(failing, ["fail"])
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (code, True)
    assert told in result.output


# --- standard output ------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["topics", "schema", "settings", "--help"])
def test_a_reader_that_has_seen_enough_ends_it_quietly(words: str) -> None:
    with subprocess.Popen(
        [CALMLOOP, *words.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 1)


@pytest.mark.parametrize("words", ["topics", "schema", "settings"])
def test_a_full_disk_behind_standard_output_is_told(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(*words.split(), stdout=full)
    assert done.returncode == 1
    assert "standard output" in done.stderr and "free some space" in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_closed_streams_are_no_place_for_what_libraries_print(tmp_path: Path) -> None:
    """Else the next file that is opened gets their number, and their text."""
    script = f"exec '{CALMLOOP}' schema --out {tmp_path}/s >&- 2>&- <&-"
    done = subprocess.run(["sh", "-c", script], env=clean_environment(), check=False)
    assert done.returncode == 0
    assert (tmp_path / "s" / "asyncapi.json").read_text().startswith("{")


@pytest.mark.parametrize("words", ["annotate sim --seconds 99 --out out", "record r.jsonl", "stop"])
def test_ctrl_c_in_the_middle_leaves_nothing_behind(tmp_path: Path, words: str) -> None:
    with subprocess.Popen(
        ["env", "--default-signal=INT", CALMLOOP, *words.split()],
        cwd=tmp_path,
        env=clean_environment(CALMLOOP_MQTT__PORT="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        _wait_until_it_works(running.pid)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=30)
    assert running.returncode == 130, told
    assert "Traceback" not in told
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def _wait_until_it_works(pid: int) -> None:
    """It has imported what it needs once it waits for a socket or draws: see its maps."""
    deadline = time.monotonic() + 30
    maps = Path(f"/proc/{pid}/maps")
    while "_ssl" not in maps.read_text() and "cv2" not in maps.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1.0)
