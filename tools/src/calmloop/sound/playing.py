"""Plays a track on this machine's speakers, to hear it without a chair."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from calmloop.base.errors import DeviceError
from calmloop.base.portaudio import SoundDirection, device_of, devices_there, first_line, portaudio
from calmloop.base.track_audio import LoadedTrack, Pcm
from calmloop.base.tracks import RATE_HZ

BLOCK_FRAMES = 2400
FADE_S = 1.0
BUFFER_S = 0.2


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
    frames = round(seconds * RATE_HZ)
    if not track.sidecar.loop:
        frames = min(frames, track.sidecar.frames)
    starts = range(0, frames, BLOCK_FRAMES)
    blocks = (faded(track, at, min(BLOCK_FRAMES, frames - at), frames) for at in starts)
    play_blocks(blocks, track.sidecar.channels, device, audio=audio)


def play_blocks(
    blocks: Iterable[Pcm], channels: int, device: str = "", *, audio: Any = None
) -> None:
    """Plays what comes in blocks, as it comes.

    Args:
        blocks: Each of shape (frames, channels), 48 kHz; none may take long to come.
        channels: 1 or 2.
        device: Part of an output's name, or its number; empty takes the system's own.
        audio: Stands for the module `sounddevice`.

    Raises:
        DeviceError: PortAudio or an output is not there, or is lost.
    """
    audio = audio or portaudio()
    try:
        with audio.OutputStream(
            samplerate=RATE_HZ,
            channels=channels,
            dtype="int16",
            device=device_of(device),
            latency=BUFFER_S,
        ) as stream:
            for block in blocks:
                stream.write(block)
    except (audio.PortAudioError, ValueError) as error:
        there = devices_there(audio, SoundDirection.OUTPUT)
        raise DeviceError(
            f"the output {device or 'of the system'} cannot be used ({first_line(error)}):"
            f" connect one, or name one with --device; {there}"
        ) from error


def faded(track: LoadedTrack, start: int, count: int, total: int) -> Pcm:
    """So many frames from `start` of a performance of `total`, its ends faded."""
    places = np.arange(start, start + count)
    fade = FADE_S * RATE_HZ
    gain = np.clip(np.minimum(places, total - 1 - places) / fade, 0.0, 1.0)
    samples = np.take(track.samples, places % track.sidecar.frames, axis=0)
    return np.asarray(np.round(samples * gain[:, None])).astype(np.int16)
