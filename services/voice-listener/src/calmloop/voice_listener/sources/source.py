"""What a source of sound has to do, and the settings that every kind has."""

from typing import Protocol

from calmloop.base.backends import Backend
from calmloop.base.clock import Clock
from calmloop.contract.messages.base import SignalKind

RATES_HZ = (8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
"""Half a second of each is a whole number of samples, and of an even one where it matters."""

MAX_BEHIND_S = 1.0
"""What is further behind the clock goes on from where it is."""


class Pace:
    """Counts the frames of a source that has no clock of its own."""

    def __init__(self, clock: Clock, rate_hz: int) -> None:
        """Begins now."""
        self._clock = clock
        self._rate_hz = rate_hz
        self._from_ns = clock.monotonic_ns()
        self._given = 0

    def due(self) -> int:
        """The frames that are due and were not yet given: they count as given now."""
        now_ns = self._clock.monotonic_ns()
        due = (now_ns - self._from_ns) * self._rate_hz // 1_000_000_000 - self._given
        if due > MAX_BEHIND_S * self._rate_hz:
            self._from_ns, self._given = now_ns, 0
            return 0
        self._given += due
        return due


class SoundSource(Protocol):
    """A microphone, or what stands for one. Used by one thread at a time; may be opened again.

    Sound goes as bytes, so that settings and sources are read where NumPy is not installed.

    Attributes:
        origin: What it is, for people.
        kind: Only a live one hears the child who sits in the chair.
        rate_hz: Samples a second, one of RATES_HZ. Valid once open.
        channels: Interleaved in each frame. Valid once open.
        pause_s: How long to wait between two reads; 0 where reading itself waits.
    """

    origin: str
    kind: SignalKind
    rate_hz: int
    channels: int
    pause_s: float

    def open(self) -> None:
        """Opens the device.

        Raises:
            DeviceError: it cannot be opened; says why and what to do.
        """

    def read(self) -> bytes | None:
        """What has come since the last call: whole frames of int16, little-endian.

        Empty where nothing has come yet, None where no more will come.

        Raises:
            DeviceError: the device is lost.
        """

    def close(self) -> None:
        """Lets the device go; harmless when it is not open."""


class SoundSourceSection(Backend):
    """Settings of one kind of source, base of those in the files of this folder."""

    def load(self, clock: Clock) -> SoundSource:
        """The source with these settings, not yet opened.

        Raises:
            ConfigurationError: what it needs is not set.
        """
        raise NotImplementedError
