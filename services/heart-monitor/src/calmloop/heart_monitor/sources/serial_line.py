"""Lines from a board on a serial port: an Arduino with a pulse sensor, say."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from pydantic import Field

from calmloop.base.clock import Clock
from calmloop.base.errors import ConfigurationError, DeviceError
from calmloop.contract.messages.base import SignalKind
from calmloop.heart_monitor.lines import MAX_LINE_BYTES, LineReader
from calmloop.heart_monitor.reading import Garbage, Reading
from calmloop.heart_monitor.sources.source import READ_S, SourceContext, SourceSection

MAX_CHUNK_BYTES = 16_384
"""So much is read at a time."""


class SerialSection(SourceSection):
    """A board that sends lines; README.md has their format."""

    backend = "serial"
    auto_rank = 1

    port: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="A path, best one below /dev/serial/by-id, or socket://HOST:PORT.",
    )
    baud: int = Field(115_200, ge=300, le=4_000_000, description="Bits a second.")
    columns: tuple[str, ...] = Field(
        (), max_length=64, description="Names of the numbers in a line, where the board has none."
    )

    def load(self, context: SourceContext) -> "SerialSource":
        """See `SourceSection.load`."""
        if self.port is None:
            raise ConfigurationError(
                "heart_monitor.serial.port: is not set, and source is serial: name the board's port"
            )
        return SerialSource(self, context)

    @property
    def is_set_up(self) -> bool:
        """Whether its port is named."""
        return self.port is not None


def open_port(section: SerialSection) -> Any:
    """Opens the port with pyserial, which is loaded here: the settings are read without it.

    Raises:
        OSError: it cannot be opened, as pyserial says it.
    """
    serial = import_module("serial")
    return serial.serial_for_url(section.port, section.baud, timeout=READ_S, exclusive=None)


class SerialSource:
    """Cuts what comes into lines."""

    source_kind = SignalKind.LIVE

    def __init__(
        self,
        section: SerialSection,
        context: SourceContext,
        opener: Callable[[SerialSection], Any] = open_port,
    ) -> None:
        self.origin = str(section.port)
        self._section = section
        self._clock: Clock = context.clock
        self._columns = context.columns
        self._opener = opener
        self._port: Any = None
        self._rest = b""
        self._begin()

    def open(self) -> None:
        """Opens the port.

        Raises:
            DeviceError: it is not there, or may not be opened.
        """
        self._begin()
        try:
            self._port = self._opener(self._section)
        except (OSError, ValueError) as error:
            raise DeviceError(
                f"{self.origin} cannot be opened ({error}): plug the board in, check"
                " heart_monitor.serial.port, and that this user is in the group 'dialout'"
            ) from None

    def read(self) -> Sequence[Reading]:
        """The lines that are whole now.

        Raises:
            DeviceError: the board is gone.
        """
        try:
            waiting = min(MAX_CHUNK_BYTES, self._port.in_waiting)
            data = self._port.read(max(1, waiting))
        except OSError as error:
            raise DeviceError(f"{self.origin} is lost ({error}): plug the board in") from None
        *whole, self._rest = (self._rest + data).split(b"\n")
        readings: list[Reading] = []
        for line in whole:
            readings += self._take(line)
        if len(self._rest) > MAX_LINE_BYTES:
            readings += self._refuse_long()
        return readings

    def close(self) -> None:
        """Lets the port go."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def _begin(self) -> None:
        self._reader = LineReader(self._columns, self._section.columns)
        self._rest = b""
        # The first line may have begun before the port was opened.
        self._skip = True

    def _take(self, line: bytes) -> Sequence[Reading]:
        if self._skip:
            self._skip = False
            return ()
        return self._reader.readings(self._clock.monotonic_ns(), line)

    def _refuse_long(self) -> Sequence[Reading]:
        self._rest, self._skip = b"", True
        why = f"more than {MAX_LINE_BYTES} bytes without the end of a line: check the baud rate"
        return [Garbage(self._clock.monotonic_ns(), why)]
