"""Lines from a board: over a port of the kernel's own kind, and over one of the test's."""

import os
import pty
import tty
from collections.abc import Iterator

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.heart_monitor.lines import Columns
from calmloop.heart_monitor.reading import BodySample, Garbage, Measurement
from calmloop.heart_monitor.sources.serial_line import MAX_CHUNK_BYTES, SerialSection, SerialSource
from calmloop.heart_monitor.sources.source import SourceContext

COLUMNS = Columns({"EMG1": "emg"})


class Port:
    """As pyserial's: hands out what was written to it."""

    def __init__(self) -> None:
        self.data = b""
        self.gone = self.closed = False

    @property
    def in_waiting(self) -> int:
        return len(self.data)

    def read(self, size: int) -> bytes:
        if self.gone:
            raise OSError("device reports readiness to read but returned no data")
        came, self.data = self.data[:size], self.data[size:]
        return came

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def port() -> Port:
    return Port()


@pytest.fixture
def source(port: Port) -> SerialSource:
    context = SourceContext(ManualClock(), COLUMNS)
    opened = SerialSource(SerialSection(port="/dev/board"), context, lambda _section: port)
    opened.open()
    port.data = b"half a line\n"
    assert opened.read() == []
    return opened


def test_the_line_that_was_cut_by_opening_is_passed_over(source: SerialSource, port: Port) -> None:
    port.data = b"bpm=74,ib"
    assert source.read() == []
    port.data = b"i=812\r\nbpm=75,EMG1=2\n"
    first, second, sample = source.read()
    assert isinstance(first, Measurement)
    assert first.rr_ms == (812.0,)
    assert isinstance(second, Measurement)
    assert isinstance(sample, BodySample)


def test_bytes_without_end_are_refused_and_the_line_they_end_with(
    source: SerialSource, port: Port
) -> None:
    port.data = b"\xff" * 3000
    (garbage,) = source.read()
    assert isinstance(garbage, Garbage)
    assert "baud rate" in garbage.why
    port.data = b"bpm=9\nbpm=74\n"
    (reading,) = source.read()
    assert isinstance(reading, Measurement)
    assert reading.rate_bpm == 74.0


def test_a_flood_is_read_in_pieces(source: SerialSource, port: Port) -> None:
    port.data = b"bpm=74\n" * 100_000
    assert len(source.read()) <= MAX_CHUNK_BYTES // 7
    assert len(port.data) > 600_000


def test_a_board_that_is_unplugged_is_lost_and_its_rest_forgotten(
    source: SerialSource, port: Port
) -> None:
    port.data = b"bpm=7"
    source.read()
    port.gone = True
    with pytest.raises(DeviceError, match="/dev/board is lost"):
        source.read()
    source.close()
    assert port.closed
    port.gone = False
    source.open()
    port.data = b"4\nbpm=80\n"
    (reading,) = source.read()
    assert isinstance(reading, Measurement)
    assert reading.rate_bpm == 80.0


def test_a_port_that_is_not_there_is_refused_with_what_to_do() -> None:
    section = SerialSection(port="/dev/serial/by-id/none")
    with pytest.raises(DeviceError, match=r"heart_monitor\.serial\.port"):
        section.load(SourceContext(ManualClock(), COLUMNS)).open()


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    board, host = pty.openpty()
    tty.setraw(host)
    yield board, os.ttyname(host)
    os.close(board)
    os.close(host)


def test_pyserial_reads_it_from_a_terminal(line: tuple[int, str]) -> None:
    board, name = line
    source = SerialSection(port=name).load(SourceContext(ManualClock(), COLUMNS))
    source.open()
    try:
        os.write(board, b"begun\nbpm=74,ibi=812\n")
        readings = list(source.read() or ())
        while not readings:
            readings = list(source.read() or ())
        assert [type(reading) for reading in readings] == [Measurement]
        assert source.read() == []
    finally:
        source.close()
