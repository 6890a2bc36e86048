"""Plays a track on this machine's speakers, to hear it without a chair."""

from typing import Any

import numpy as np

from calmloop.base.errors import DeviceError
from calmloop.base.track_audio import LoadedTrack, Pcm
from calmloop.base.tracks import RATE_HZ

BLOCK_FRAMES = 2400
FADE_S = 1.0
BUFFER_S = 0.2
MAX_LISTED = 8


def play(track: LoadedTrack, seconds: float, device: str = "", *, audio: Any = None) -> None:
    """Plays so long, with a fade in and out; a loop goes round, any other track ends with itself.

    Args:
        track: What to play, at the level that it has.
        seconds: How long, more than 0.
        device: Part of an output's name, or its number; empty takes the system's own.
        audio: Stands for the module `sounddevice`.

    Raises:
        DeviceError: PortAudio or an output is not there, or is lost.
    """
    audio = audio or portaudio()
    frames = round(seconds * RATE_HZ)
    if not track.sidecar.loop:
        frames = min(frames, track.sidecar.frames)
    chosen = int(device) if device.isdecimal() else device or None
    try:
        with audio.OutputStream(
            samplerate=RATE_HZ,
            channels=track.sidecar.channels,
            dtype="int16",
            device=chosen,
            latency=BUFFER_S,
        ) as stream:
            for start in range(0, frames, BLOCK_FRAMES):
                stream.write(faded(track, start, min(BLOCK_FRAMES, frames - start), frames))
    except (audio.PortAudioError, ValueError) as error:
        raise DeviceError(
            f"the output {device or 'of the system'} cannot be used ({_first_line(error)}):"
            f" connect one, or name one with --device; {_there(audio)}"
        ) from error


def faded(track: LoadedTrack, start: int, count: int, total: int) -> Pcm:
    """So many frames from `start` of a performance of `total`, its ends faded."""
    places = np.arange(start, start + count)
    fade = FADE_S * RATE_HZ
    gain = np.clip(np.minimum(places, total - 1 - places) / fade, 0.0, 1.0)
    samples = np.take(track.samples, places % track.sidecar.frames, axis=0)
    return np.asarray(np.round(samples * gain[:, None])).astype(np.int16)


def portaudio() -> Any:
    """The module, loaded late: without the system's library it cannot be imported at all.

    Raises:
        DeviceError: PortAudio is not there.
    """
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
