"""A sound device by PortAudio: USB, HDMI, a jack, or what the sound server offers."""

from typing import Any

from pydantic import Field

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
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
SILENT_S = 1.0
"""A device that asks for nothing for so long is lost."""
MAX_AHEAD_S = 1.0
"""A time at the output further ahead is no time of this stream."""
MAX_LISTED = 8


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
        self._asked_ns = 0
        self._dry_ns = 0

    def open(self, render: Render) -> None:
        """Opens it; the stream's own thread asks for blocks from now on.

        Raises:
            DeviceError: PortAudio or the device is not there, or another program has it.
        """
        audio = _portaudio()
        # PortAudio lists the devices once: what was plugged in since is seen only so.
        audio._terminate()
        audio._initialize()
        device = int(self._device) if self._device.isdecimal() else self._device or None
        self._render = render
        self._asked_ns = self._clock.monotonic_ns()
        self._dry_ns = 0
        try:
            self._stream = audio.RawOutputStream(
                samplerate=RATE_HZ,
                blocksize=BLOCK_FRAMES,
                device=device,
                channels=CHANNELS,
                dtype="float32",
                latency=self._buffer_s,
                callback=self._fill,
            )
            self._stream.start()
            self._dry_ns = round(self._stream.latency * NS_PER_S) + BLOCK_NS
        except (audio.PortAudioError, ValueError) as error:
            self.close()
            raise DeviceError(
                f"{self._named} cannot be opened ({_first_line(error)}): plug it in, check that"
                " this user is in the group 'audio' and sound_player.portaudio.device;"
                f" {_there(audio)}"
            ) from error
        self.origin = str(audio.query_devices(self._stream.device)["name"])

    def trouble(self) -> str:
        """Why it takes no sound any more; empty while it does."""
        if self._stream is None:
            return f"{self._named} is not open"
        asked_s = (self._clock.monotonic_ns() - self._asked_ns) / NS_PER_S
        if not self._stream.active or asked_s > SILENT_S:
            return f"{self.origin} takes no sound any more: check its cable, or the sound server"
        return ""

    def close(self) -> None:
        """Lets the device go."""
        if self._stream is not None:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            self._stream = None

    def _fill(self, out: Any, _frames: int, times: Any, status: Any) -> None:
        asked_ns, self._asked_ns = self._asked_ns, self._clock.monotonic_ns()
        now_ns = self._asked_ns
        # A sound server tells of none: it plays nothing until more comes.
        late = 0 < self._dry_ns < now_ns - asked_ns
        self.underruns += bool(status.output_underflow) or late
        assert self._render is not None
        out[:] = self._render(now_ns + round(self._ahead_s(times) * NS_PER_S))

    def _ahead_s(self, times: Any) -> float:
        """How far ahead of the output this block is, by the stream's own clock."""
        stream = self._stream
        now_s = stream.time if stream is not None else times.currentTime
        ahead_s = float(times.outputBufferDacTime - now_s)
        return ahead_s if 0.0 <= ahead_s <= MAX_AHEAD_S else self._buffer_s


def _portaudio() -> Any:
    """The module, loaded late: without the system's library it cannot be imported at all."""
    try:
        import sounddevice  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"PortAudio is not there ({_first_line(error)}): apt-get install libportaudio2"
        ) from error
    return sounddevice


def _there(audio: Any) -> str:
    names = [entry["name"] for entry in audio.query_devices() if entry["max_output_channels"] > 0]
    if not names:
        return "no output is there at all"
    more = len(names) - MAX_LISTED
    return f"there are {', '.join(names[:MAX_LISTED])}{f' and {more} more' * (more > 0)}"


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
