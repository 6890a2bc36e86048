"""Short pieces of sound with what they are, from folders of WAV files and from espeak-ng."""

import io
import shutil
import subprocess
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calmloop.base.errors import InputError
from calmloop.voice_listener import RATE_HZ, RATES_HZ, Blocks, Samples

CLIP_S = 7.0
"""Longer recordings are cut: each piece of sound counts alike."""
ESPEAK = "espeak-ng"
VOICES = ("en-gb", "en-us", "de", "fr", "es", "it", "pl", "lv", "lt")
VARIANTS = ("+f1", "+f4", "+f5", "+m3")
PITCHES = (50, 99)
TEXT = (
    "The waves come in, one after another. Mama, look at the light! It is blue, and now it is"
    " green. One, two, three, four, five."
)


@dataclass(frozen=True)
class SoundClip:
    """One piece of sound."""

    kind: str
    name: str
    samples: Samples


def read_folder(folder: Path, kind: str) -> list[SoundClip]:
    """The WAV files of a folder, in the order of their names.

    Raises:
        InputError: there are none, or one cannot be read.
    """
    paths = sorted(folder.glob("*.wav")) if folder.is_dir() else []
    if not paths:
        raise InputError(f"{folder} holds no WAV files: name a folder of 16 bit PCM")
    return [SoundClip(kind, path.stem, read_wav(path.read_bytes(), str(path))) for path in paths]


def read_wav(data: bytes, name: str) -> Samples:
    """The first CLIP_S seconds, at RATE_HZ.

    Raises:
        InputError: it is no WAV file of 16 bit PCM at a rate that can be converted.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            width, rate_hz, channels = (
                file.getsampwidth(),
                file.getframerate(),
                file.getnchannels(),
            )
            frames = file.readframes(round(CLIP_S * rate_hz))
    except (wave.Error, EOFError) as error:
        raise InputError(f"{name} is no WAV file: {error}") from error
    if width != 2 or rate_hz not in RATES_HZ:
        raise InputError(
            f"{name} is of {8 * width} bit at {rate_hz} Hz: save it as 16 bit PCM at one of"
            f" {', '.join(map(str, RATES_HZ))} Hz"
        )
    # Half a second of nothing lets its end out of the conversion, whatever its length.
    blocks = Blocks(rate_hz, channels).put(frames + bytes(rate_hz * channels))
    length = round(len(frames) / (2 * channels) * RATE_HZ / rate_hz)
    return np.concatenate(blocks)[:length]


def speech() -> Iterator[SoundClip]:
    """The same sentences by VOICES, VARIANTS and PITCHES; nothing without espeak-ng."""
    if shutil.which(ESPEAK) is None:
        return
    for voice in VOICES:
        for variant in VARIANTS:
            for pitch in PITCHES:
                said = subprocess.run(
                    [ESPEAK, "-v", voice + variant, "-p", str(pitch), "--stdout", TEXT],
                    check=True,
                    capture_output=True,
                )
                name = f"{voice}{variant} {pitch}"
                yield SoundClip("speech, espeak-ng", name, read_wav(said.stdout, name))
