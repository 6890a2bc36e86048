"""A sound device by PortAudio: USB, HDMI, a jack, or what the sound server offers."""

from typing import Any

from pydantic import Field

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
from calmloop.base.portaudio import (
    SoundDirection,
    device_of,
    devices_there,
    first_line,
    portaudio_now,
)
from calmloop.contract.messages.base import SignalKind
from calmloop.sound_player.outputs.output import (
    BLOCK_FRAMES,
    CHANNELS,
    Render,
    SoundOutputSection,
)

RATE_HZ = 48_000
NS_PER_S = 1_000_000_000
BLOCK_NS = NS_PER_S * BLOCK_FRAMES // RATE_HZ
LATENCY_SHARE = 0.75
"""Of the buffer: PortAudio's latency on ALSA leaves out one of its periods, and each is of whole
blocks of 25 ms. So buffers of 0.1, 0.15 and 0.2 s are held as such."""
SILENT_S = 1.0
"""A device that asks for nothing for so long is lost."""
BEGINS_S = 3.0
"""The same of one that has just been opened: a sound server's sink may sleep for 2 s."""
MAX_AHEAD_S = 1.0
"""A time at the output further ahead is no time of this stream."""


class PortAudioSection(SoundOutputSection):
    """A sound device of this machine."""

    backend = "portaudio"
    auto_rank = 1

    device: str = Field(
        "",
        max_length=200,
        description="Part of its name, or its number; empty takes the system's own.",
    )

    def load(self, clock: Clock, buffer_s: float) -> "PortAudioOutput":
        """See `SoundOutputSection.load`."""
        return PortAudioOutput(self.device, clock, buffer_s)


class PortAudioOutput:
    """Plays on a device; PortAudio is loaded when it is opened, and not before."""

    kind = SignalKind.LIVE

    def __init__(self, device: str, clock: Clock, buffer_s: float) -> None:
        self.origin = self._named = f"sound device {device}".rstrip()
        self.underruns = 0
        self._device = device
        self._clock = clock
        self._buffer_s = buffer_s
        self._render: Render | None = None
        self._stream: Any = None
        self._asks = self._asked_ns = 0
        self._lasts_until_ns = 0
        self._ran_dry_ns = 0

    def open(self, render: Render) -> None:
        """Opens it; the stream's own thread asks for blocks from now on.

        Raises:
            DeviceError: PortAudio or the device is not there, or another program has it.
        """
        audio = portaudio_now()
        self._render = render
        self._asked_ns = self._clock.monotonic_ns()
        self._asks = self._lasts_until_ns = 0
        try:
            self._stream = audio.RawOutputStream(
                samplerate=RATE_HZ,
                blocksize=BLOCK_FRAMES,
                device=device_of(self._device),
                channels=CHANNELS,
                dtype="float32",
                latency=LATENCY_SHARE * self._buffer_s,
                callback=self._fill,
            )
            self._stream.start()
        except (audio.PortAudioError, ValueError) as error:
            self.close()
            raise DeviceError(
                f"{self._named} cannot be opened ({first_line(error)}): plug it in, check that"
                " this user is in the group 'audio' and sound_player.portaudio.device;"
                f" {devices_there(audio, SoundDirection.OUTPUT)}"
            ) from error
        self.origin = str(audio.query_devices(self._stream.device)["name"])

    def trouble(self) -> str:
        """Why it takes no sound any more; empty while it does."""
        if self._stream is None:
            return f"{self._named} is not open"
        asked_s = (self._clock.monotonic_ns() - self._asked_ns) / NS_PER_S
        filled = self._asks * BLOCK_NS > self._buffer_s * NS_PER_S
        patience_s = SILENT_S if filled else BEGINS_S
        if not self._stream.active or asked_s > patience_s:
            return f"{self.origin} takes no sound any more: check its cable, or the sound server"
        return ""

    def close(self) -> None:
        """Lets the device go."""
        if self._stream is not None:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            self._stream = None

    def _fill(self, out: Any, _frames: int, times: Any, status: Any) -> None:
        now_ns = self._asked_ns = self._clock.monotonic_ns()
        ahead_ns = self._ahead_ns(times)
        # Late alone is no gap: a sound server holds more than it says, and begins to play late.
        silent = ahead_ns <= BLOCK_NS and 0 < self._lasts_until_ns < now_ns
        self._count_dry(now_ns, silent, told=bool(status.output_underflow))
        self._asks += 1
        self._lasts_until_ns = now_ns + ahead_ns + BLOCK_NS if ahead_ns else 0
        assert self._render is not None
        out[:] = self._render(now_ns + (ahead_ns or round(self._buffer_s * NS_PER_S)))

    def _count_dry(self, now_ns: int, silent: bool, *, told: bool) -> None:
        """Counts once what a device tells twice, and what a sound server does not tell."""
        if silent or (told and now_ns - self._ran_dry_ns > BLOCK_NS):
            self.underruns += 1
            self._ran_dry_ns = now_ns

    def _ahead_ns(self, times: Any) -> int:
        """How far ahead of the output this block is, by the stream's own clock; 0: not known."""
        stream = self._stream
        now_s = stream.time if stream is not None else times.currentTime
        ahead_s = float(times.outputBufferDacTime - now_s)
        return round(ahead_s * NS_PER_S) if 0.0 < ahead_s <= MAX_AHEAD_S else 0
