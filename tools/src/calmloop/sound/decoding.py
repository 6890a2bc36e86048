"""Reads a person's sound file, of whatever kind, as samples at 48 kHz."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from calmloop.base.errors import InputError
from calmloop.base.tracks import MAX_MINUTES, RATE_HZ

Decoded = NDArray[np.float32]
"""Samples of shape (frames, 1 or 2), 48 kHz, full scale 1; a lossy file may go above it."""

BLOCK_FRAMES = 1 << 16
RATES_HZ = (8_000, 192_000)
MIN_S = 1.0
NEEDED = "save it as FLAC, WAV, Ogg Vorbis, Opus or MP3"


def decoded(path: Path) -> Decoded:
    """The whole file, resampled where its rate is another.

    Raises:
        InputError: it is missing or no sound, has more than two channels or another rate than
            8 to 192 kHz, is longer than MAX_MINUTES or shorter than MIN_S, or holds no numbers.
    """
    try:
        # As a file of ours, since libsndfile tells no missing file from a damaged one.
        with path.open("rb") as data, soundfile.SoundFile(data) as file:
            _check(file, path)
            samples = np.concatenate(list(_resampled(file, path)))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}): name a file that this user may"
            " read"
        ) from error
    except soundfile.SoundFileError as error:
        raise InputError(f"{path}: is no sound that can be read ({error}): {NEEDED}") from error
    if len(samples) < MIN_S * RATE_HZ:
        raise InputError(
            f"{path}: is {len(samples) / RATE_HZ:.2f} s long, and a track has {MIN_S:g} s at least"
        )
    return samples


def _check(file: soundfile.SoundFile, path: Path) -> None:
    if file.channels > 2:
        raise InputError(f"{path}: has {file.channels} channels: mix it down to 1 or 2")
    low_hz, high_hz = RATES_HZ
    if not low_hz <= file.samplerate <= high_hz:
        raise InputError(
            f"{path}: is sampled at {file.samplerate} Hz: between {low_hz} and {high_hz} can be"
            " resampled"
        )


def _resampled(file: soundfile.SoundFile, path: Path) -> Iterator[Decoded]:
    """Blocks of 48 kHz; the filter's delay is taken off, and its end let out, by soxr."""
    stream = soxr.ResampleStream(file.samplerate, RATE_HZ, file.channels, "float32", "VHQ")
    read, most = 0, MAX_MINUTES * 60 * file.samplerate
    while True:
        block = file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
        read += len(block)
        if read > most:
            raise InputError(
                f"{path}: is longer than {MAX_MINUTES} min, as long as a session: cut it"
            )
        if not np.isfinite(block).all():
            raise InputError(f"{path}: holds values that are no numbers: {NEEDED}")
        last = len(block) < BLOCK_FRAMES
        yield stream.resample_chunk(block, last=last).reshape(-1, file.channels)
        if last:
            return
