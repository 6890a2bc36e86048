"""What `calmloop demo` refuses, and what it says then."""

import time
from pathlib import Path

import pytest

from calmloop.base.errors import DeviceError
from calmloop.demo import run
from tests.broker import free_port
from tests.loop.conftest import StartDemo
from tests.loop.demo_command import run_demo

pytestmark = pytest.mark.slow


def test_in_an_empty_room_nothing_starts_and_the_reason_is_told(
    start_demo: StartDemo, shared_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "PATIENCE_S", 6.0)
    told: list[str] = []
    with start_demo(source=str(shared_dir / "data/video/no_face.mp4")) as demo:
        with pytest.raises(DeviceError, match=r"it waits for a usable face \(no_face\)"):
            demo.start_session(5.0, told.append)
        assert "waiting for a usable face (no_face)" in told
        assert not any(output.felt for output in demo.stack.chair.outputs())


@pytest.mark.long
def test_an_empty_room_ends_the_command_with_the_reason(tmp_path: Path, shared_dir: Path) -> None:
    clip = shared_dir / "data/video/no_face.mp4"
    code, told = run_demo("--source", clip, "--seconds", "5", cwd=tmp_path)
    assert code == 1
    assert "it waits for a usable face (no_face)" in told.replace("\n", " ")


@pytest.mark.parametrize(
    "source",
    ["gone.mp4", "folder", "text.mp4", "empty.mp4", "/dev/video63", "63", "ftp://camera/1"],
)
def test_a_source_that_gives_no_picture_ends_it_at_once(tmp_path: Path, source: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.mp4").touch()
    began_s = time.monotonic()
    code, told = run_demo("--source", source, "--baseline-seconds", "2", cwd=tmp_path)
    assert code == 2
    assert source.partition(":")[0] in told.replace("\n", "")
    assert time.monotonic() - began_s < 15


def test_an_address_where_nobody_answers_is_named_within_its_time(tmp_path: Path) -> None:
    address = f"http://child:secret@127.0.0.1:{free_port()}/video"
    began_s = time.monotonic()
    code, told = run_demo("--source", address, cwd=tmp_path)
    assert code == 2
    assert "127.0.0.1" in told and "secret" not in told
    assert time.monotonic() - began_s < 40


@pytest.mark.parametrize(
    ("option", "place"),
    [("--report", "gone/r.json"), ("--report", "."), ("--logs", "file"), ("--logs", 120 * "long")],
)
def test_an_output_that_cannot_be_written_is_refused_before_the_session(
    tmp_path: Path, option: str, place: str
) -> None:
    (tmp_path / "file").touch()
    code, told = run_demo(option, place, cwd=tmp_path)
    assert code == 2
    assert "starting broker" not in told or "too long" in told
