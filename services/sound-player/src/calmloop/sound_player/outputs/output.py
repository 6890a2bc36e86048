"""What an output of sound has to do, and the settings that every kind has."""

from collections.abc import Callable
from typing import Protocol

from calmloop.base.backends import Backend
from calmloop.base.clock import Clock
from calmloop.contract.messages.base import SignalKind

BLOCK_FRAMES = 1200
"""Asked for at once: 25 ms at 48 kHz."""
CHANNELS = 2

Render = Callable[[int], bytes]
"""Takes when the block's first frame is at the output, CLOCK_MONOTONIC in ns; returns BLOCK_FRAMES
frames of CHANNELS float32, interleaved. Called from the output's own thread, and never waits."""


class SoundOutput(Protocol):
    """A device that sounds, or what stands for one. Opened and closed by one thread.

    Sound goes as bytes, so that settings and outputs are read where NumPy is not installed.

    Attributes:
        origin: What it is, for people; its full name once it is open.
        kind: Live, or simulated.
        underruns: How often it ran dry, over all openings.
    """

    origin: str
    kind: SignalKind
    underruns: int

    def open(self, render: Render) -> None:
        """Opens the device; from now on it asks for blocks.

        Raises:
            DeviceError: it cannot be opened; says why and what to do.
        """

    def trouble(self) -> str:
        """Why it takes no sound any more, and what to do; empty while it does."""

    def close(self) -> None:
        """Lets the device go; harmless when it is not open."""


class SoundOutputSection(Backend):
    """Settings of one kind of output, base of those in the files of this folder."""

    def load(self, clock: Clock, buffer_s: float) -> SoundOutput:
        """The output with these settings, not yet opened.

        Args:
            clock: Tells when a block is at the output.
            buffer_s: Sound that it holds ahead, in seconds.
        """
        raise NotImplementedError
