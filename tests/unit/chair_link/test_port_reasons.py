"""What a person is told of a port, and what auto leaves alone."""

import errno
import grp
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calmloop.chair_link import port
from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.port import (
    PortClosed,
    PortData,
    PortOpened,
    resolve,
)
from calmloop.chair_link.port_trouble import explain
from tests.unit.chair_link.cable import Cable, Watch


def reason_of(address: str, find: Callable[[str], str] = resolve) -> str:
    watch = Watch(address, find)
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortClosed) >= 1)
    watch.port.close()
    return next(event.reason for event in watch.events if isinstance(event, PortClosed))


def test_what_is_no_port_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file"):
        assert reason_of(str(path)).startswith(f"{path} is no serial port (")
    assert "is not there (No such file or directory): plug the chair in" in reason_of(
        str(tmp_path / "ttyACM0")
    )


def test_a_port_of_a_group_names_the_group() -> None:
    group = grp.getgrgid(Path("/dev/null").stat().st_gid).gr_name
    told = explain(PermissionError(errno.EACCES, "Permission denied"), "/dev/null")
    assert f"usermod -aG {group} USER" in told
    assert "dialout" in explain(PermissionError(errno.EACCES, "x"), "/dev/not-there")


def test_the_program_that_holds_a_port_is_named(tmp_path: Path) -> None:
    cable = Cable(tmp_path / "tty")
    code = (
        "import serial, sys; p = serial.Serial(sys.argv[1], exclusive=True); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(cable.link)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        told = reason_of(str(cable.link))
        holder.communicate("")
    assert f"(process {holder.pid}): end it" in told
    assert told.startswith(f"{cable.link} is held by ")


@pytest.fixture
def found_by_auto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cable, Watch]]:
    """The one port with a chair's USB id."""
    monkeypatch.setattr(port, "ANSWER_S", 0.3)
    monkeypatch.setattr(port, "LEFT_ALONE_S", 1.5)
    watch = Watch("auto", lambda _: str(tmp_path / "tty"))
    yield Cable(tmp_path / "tty"), watch
    watch.port.close()


def test_auto_leaves_alone_what_does_not_answer_as_a_chair_and_says_so(
    found_by_auto: tuple[Cable, Watch],
) -> None:
    cable, watch = found_by_auto
    watch.port.start()
    os.write(cable.master, b"\x1a\xc1\x02\x0b\x0aR\x7e")
    watch.wait_for(lambda events: watch.count(PortClosed) >= 3)
    assert watch.count(PortOpened) == 1
    reasons = {event.reason for event in watch.events if isinstance(event, PortClosed)}
    assert len(reasons) == 1
    assert f"{cable.link} has a chair's USB id but does not answer" in reasons.pop()


def test_auto_takes_a_chair_that_is_switched_on_later(found_by_auto: tuple[Cable, Watch]) -> None:
    cable, watch = found_by_auto
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortOpened) == 2)
    os.write(cable.master, encode(WireFrame(kind=1, seq=0, boot_id=7)))
    watch.wait_for(lambda events: watch.count(PortData) == 1)
    closed = watch.count(PortClosed)
    with pytest.raises(AssertionError, match="waited in vain"):
        watch.wait_for(lambda events: watch.count(PortClosed) > closed, 1.0)
