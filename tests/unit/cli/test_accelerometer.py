"""The reader of a serial accelerometer, over a pseudo-terminal."""

import os
import tty
from collections.abc import Iterator
from contextlib import suppress

import pytest

from calmloop.cli import accelerometer
from calmloop.cli.accelerometer import Accelerometer, AccelerometerError

PATIENCE_S = 0.2


class Line:
    """The accelerometer's end of a line, and the port that it is on."""

    def __init__(self) -> None:
        self.end, self._port = os.openpty()
        tty.setraw(self._port)
        self.address = os.ttyname(self._port)

    def write(self, text: bytes) -> None:
        os.write(self.end, text)

    def unplug(self) -> None:
        for end in (self._port, self.end):
            with suppress(OSError):
                os.close(end)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.unplug()


@pytest.fixture
def silent_line(line: Line, monkeypatch: pytest.MonkeyPatch) -> Line:
    """One of which no reading is waited for: a busy machine may take as long for one."""
    monkeypatch.setattr(accelerometer, "PATIENCE_S", PATIENCE_S)
    return line


def test_each_line_is_a_reading_and_comments_are_none(line: Line) -> None:
    meter = Accelerometer(line.address)
    line.write(b"# m/s2 rms\r\n\r\n0.1234\r\n  0.5 \n1e-3\n0\n")
    assert [meter.read() for _ in range(4)] == [0.1234, 0.5, 0.001, 0.0]


def test_what_it_wrote_before_can_be_forgotten(line: Line) -> None:
    meter = Accelerometer(line.address)
    line.write(b"0.1\n0.2\n")
    assert meter.read() == 0.1
    meter.forget()
    line.write(b"0.3\n")
    assert meter.read() == 0.3


@pytest.mark.parametrize(
    "noise", [b"\xff\x80\x00\x01\n", b"0.1 0.2\n", b"nan\n", b"inf\n", b"-1\n"]
)
def test_noise_is_told_with_what_was_read_and_what_it_should_write(
    line: Line, noise: bytes
) -> None:
    meter = Accelerometer(line.address)
    line.write(noise)
    with pytest.raises(AccelerometerError) as told:
        meter.read()
    text = noise.decode("ascii", errors="replace").strip()
    assert str(told.value) == (
        f"accelerometer {line.address}: {text!r} is no reading: it writes m/s² rms, one number "
        "such as 0.1234 a line"
    )


@pytest.mark.parametrize("written", [b"", b"0.12", b"# warming up\n"])
def test_silence_half_a_line_and_mere_comments_are_told(silent_line: Line, written: bytes) -> None:
    meter = Accelerometer(silent_line.address)
    silent_line.write(written)
    with pytest.raises(AccelerometerError, match=r"no reading within 0\.2 s: is it on, and at 115"):
        meter.read()


def test_an_accelerometer_that_never_ends_a_line_is_told(silent_line: Line) -> None:
    meter = Accelerometer(silent_line.address)
    silent_line.write(b"0" * 3 * accelerometer.LINE_MAX)
    with pytest.raises(AccelerometerError, match="no reading within"):
        meter.read()


def test_an_unplugged_accelerometer_is_told(line: Line) -> None:
    meter = Accelerometer(line.address)
    line.unplug()
    with pytest.raises(AccelerometerError, match=f"accelerometer {line.address} is gone: "):
        meter.read()
    with pytest.raises(AccelerometerError, match=f"accelerometer {line.address} is gone: "):
        meter.forget()


def test_a_port_that_is_not_there_is_told() -> None:
    with pytest.raises(AccelerometerError, match=r"/dev/nothing-here.*: name the port it is on"):
        Accelerometer("/dev/nothing-here")
