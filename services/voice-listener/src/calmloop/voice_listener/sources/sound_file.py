"""A WAV file at its own pace: for tests and for showing the loop."""

import wave
from pathlib import Path

from pydantic import Field

from calmloop.base.clock import Clock
from calmloop.base.errors import ConfigurationError, DeviceError
from calmloop.contract.messages.base import SignalKind
from calmloop.voice_listener.sources.source import RATES_HZ, Pace, SoundSourceSection

SAMPLE_BYTES = 2


class SoundFileSection(SoundSourceSection):
    """A recording."""

    backend = "file"

    path: Path | None = Field(None, description="A WAV file of 16 bit PCM.")
    loop: bool = Field(True, description="Begins again at its end.")

    def load(self, clock: Clock) -> "SoundFile":
        """See `SoundSourceSection.load`."""
        if self.path is None:
            raise ConfigurationError("voice_listener.file.path is not set: name a WAV file")
        return SoundFile(self.path, clock, loop=self.loop)


class SoundFile:
    """Hands on what is due by the clock."""

    kind = SignalKind.RECORDED
    pause_s = 0.1
    rate_hz = RATES_HZ[0]
    channels = 1

    def __init__(self, path: Path, clock: Clock, *, loop: bool) -> None:
        self.origin = path.name
        self._path, self._loop = path, loop
        self._clock = clock
        self._file: wave.Wave_read | None = None
        self._pace = Pace(clock, self.rate_hz)

    def open(self) -> None:
        """Opens the file and begins at its start.

        Raises:
            DeviceError: it is not there, or no WAV file of a kind that can be played.
        """
        path = self._path
        try:
            self._file = file = wave.open(str(path), "rb")  # noqa: SIM115
        except (OSError, EOFError, wave.Error) as error:
            why = getattr(error, "strerror", None) or error
            raise DeviceError(f"{path}: {why}: name a WAV file of 16 bit PCM") from error
        self.rate_hz, self.channels = file.getframerate(), file.getnchannels()
        self._check(file)
        self._pace = Pace(self._clock, self.rate_hz)

    def read(self) -> bytes | None:
        """The frames that are due by now.

        Raises:
            DeviceError: the file can no longer be read.
        """
        return None if self._file is None else self._take(self._file, self._pace.due())

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _check(self, file: wave.Wave_read) -> None:
        width, frames = file.getsampwidth(), file.getnframes()
        if width != SAMPLE_BYTES or self.rate_hz not in RATES_HZ or frames == 0:
            self.close()
            raise DeviceError(
                f"{self._path} has {frames} frames of {8 * width} bit at {self.rate_hz} Hz:"
                f" save it as 16 bit PCM at one of {', '.join(map(str, RATES_HZ))} Hz"
            )

    def _take(self, file: wave.Wave_read, due: int) -> bytes | None:
        try:
            data = file.readframes(due)
            frame = SAMPLE_BYTES * self.channels
            if len(data) < due * frame and self._loop:
                file.rewind()
                data += file.readframes(due - len(data) // frame)
        except (OSError, EOFError, wave.Error) as error:
            raise DeviceError(f"{self._path} cannot be read: {error}") from error
        return data if data or due == 0 else None
