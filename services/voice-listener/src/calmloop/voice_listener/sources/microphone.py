"""A microphone by PortAudio: USB, a headset, or what the sound server offers."""

from typing import Any

from pydantic import Field

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
from calmloop.base.portaudio import (
    SoundDirection,
    device_of,
    devices_there,
    first_line,
    portaudio,
    portaudio_now,
)
from calmloop.contract.messages.base import SignalKind
from calmloop.voice_listener.sources.source import SoundSourceSection

TRIED_HZ = (16000, 48000, 44100)
"""The first needs no conversion; the others are what plain hardware has."""
READ_S = 0.1
BUFFER_S = 0.2
"""Of PortAudio's own: with less it loses sound when the processor is busy."""


class MicrophoneSection(SoundSourceSection):
    """A microphone of this machine."""

    backend = "microphone"
    auto_rank = 1

    device: str = Field(
        "",
        max_length=200,
        description="Part of its name, or its number; empty takes the system's own.",
    )

    def load(self, clock: Clock) -> "Microphone":
        """See `SoundSourceSection.load`."""
        return Microphone(self)


class Microphone:
    """Reads one channel; PortAudio is loaded when it is opened, and not before."""

    kind = SignalKind.LIVE
    pause_s = 0.0
    channels = 1

    def __init__(self, section: MicrophoneSection) -> None:
        self.origin = f"microphone {section.device}".rstrip()
        self.rate_hz = TRIED_HZ[0]
        self._device = section.device
        self._stream: Any = None

    def open(self) -> None:
        """Opens it at the first rate that it takes.

        Raises:
            DeviceError: PortAudio or the microphone is not there, or another program has it.
        """
        audio = portaudio_now()
        device = device_of(self._device)
        failures = []
        for rate_hz in TRIED_HZ:
            try:
                self._stream = _started(audio, device, rate_hz)
                self.rate_hz = rate_hz
                return
            except (audio.PortAudioError, ValueError) as error:
                failures.append(first_line(error))
        there = devices_there(audio, SoundDirection.INPUT)
        raise DeviceError(
            f"{self.origin} cannot be opened ({failures[0]}): plug it in, check that this user is"
            f" in the group 'audio' and voice_listener.microphone.device; {there}"
        )

    def read(self) -> bytes | None:
        """The next tenth of a second; waits for it.

        Raises:
            DeviceError: it is lost.
        """
        if self._stream is None:
            return None
        try:
            data, _overflowed = self._stream.read(round(READ_S * self.rate_hz))
        except portaudio().PortAudioError as error:
            raise DeviceError(
                f"{self.origin} is lost ({first_line(error)}): check its cable"
            ) from error
        return bytes(data)

    def close(self) -> None:
        """Lets the device go."""
        if self._stream is not None:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            self._stream = None


def _started(audio: Any, device: int | str | None, rate_hz: int) -> Any:
    stream = audio.RawInputStream(
        samplerate=rate_hz, channels=1, dtype="int16", device=device, latency=BUFFER_S
    )
    stream.start()
    return stream
