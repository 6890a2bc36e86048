"""Reads the sound of a track, and compares it with its sidecar.

It needs numpy and soundfile, which only those who play or make sound install (the extra `sound`).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from calmloop.base.tracks import RATE_HZ, TrackError, TrackLibrary, TrackSidecar

Pcm = NDArray[np.int16]
"""Samples of shape (frames, channels)."""

BLOCK_FRAMES = 16_384
FULL_SCALE = 32768.0
MEND = "import or render the track anew"


@dataclass(frozen=True)
class LoadedTrack:
    """A track whose sound is what its sidecar says.

    Attributes:
        sidecar: What is known of it.
        samples: int16, shape (frames, channels), 48 kHz, read-only.
    """

    sidecar: TrackSidecar
    samples: Pcm


def sha256_of(blocks: Iterator[Pcm]) -> str:
    """The hash that a sidecar holds: of int16 samples, little-endian, interleaved."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(np.asarray(block, dtype="<i2").tobytes())
    return digest.hexdigest()


def load(library: TrackLibrary, name: str) -> LoadedTrack:
    """The whole of a track in memory, 11.5 MB a minute in stereo.

    Raises:
        TrackError: it is missing or damaged, or not what its sidecar says.
    """
    sidecar = library.sidecar(name)
    samples = np.empty((sidecar.frames, sidecar.channels), np.int16)
    _compare(_into(samples, library.audio_path(name), sidecar), library.audio_path(name), sidecar)
    samples.flags.writeable = False
    return LoadedTrack(sidecar, samples)


def check(library: TrackLibrary, name: str) -> TrackSidecar:
    """The sidecar of a track whose sound was read through, in blocks, and is what it says.

    Raises:
        TrackError: it is missing or damaged, or not what its sidecar says.
    """
    sidecar = library.sidecar(name)
    path = library.audio_path(name)
    _compare(blocks(path, sidecar), path, sidecar)
    return sidecar


def blocks(path: Path, sidecar: TrackSidecar, start: int = 0) -> Iterator[Pcm]:
    """The sound from a frame to its end, in blocks of at most BLOCK_FRAMES, as it is decoded.

    Args:
        path: The FLAC file.
        sidecar: Says what its header has to hold.
        start: The first frame, 0 to `frames`.

    Raises:
        TrackError: the file is missing or damaged, or of another rate, length or width.
    """
    with _opened(path) as file:
        _check_header(file, path, sidecar)
        file.seek(start)
        read = start
        while len(block := _block(file)):
            read += len(block)
            yield block
    if read != sidecar.frames:
        raise TrackError(f"{path}: ends after {read} of {sidecar.frames} frames: {MEND}")


def _block(file: soundfile.SoundFile) -> Pcm:
    block: Pcm = file.read(BLOCK_FRAMES, dtype="int16", always_2d=True)
    return block


def _into(samples: Pcm, path: Path, sidecar: TrackSidecar) -> Iterator[Pcm]:
    place = 0
    for block in blocks(path, sidecar):
        samples[place : place + len(block)] = block
        place += len(block)
        yield block


def _compare(read: Iterator[Pcm], path: Path, sidecar: TrackSidecar) -> None:
    found = sha256_of(read)
    if found != sidecar.sha256:
        raise TrackError(
            f"{path}: its samples have the SHA-256 {found[:12]}…, and the sidecar says"
            f" {sidecar.sha256[:12]}…: {MEND}"
        )


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    try:
        # As a file of ours, since libsndfile tells no missing file from a damaged one.
        with path.open("rb") as data, soundfile.SoundFile(data) as file:
            yield file
    except OSError as error:
        raise TrackError(
            f"{path}: cannot be read ({error.strerror or error}): {MEND}, or check that this user"
            " may read it"
        ) from error
    except soundfile.SoundFileError as error:
        raise TrackError(f"{path}: is damaged or no FLAC file ({error}): {MEND}") from error


def _check_header(file: soundfile.SoundFile, path: Path, sidecar: TrackSidecar) -> None:
    wanted = {
        "format": "FLAC",
        "subtype": "PCM_16",
        "samplerate": RATE_HZ,
        "channels": sidecar.channels,
        "frames": sidecar.frames,
    }
    wrong = [
        f"{key} is {getattr(file, key)}, the sidecar needs {value}"
        for key, value in wanted.items()
        if getattr(file, key) != value
    ]
    if wrong:
        raise TrackError(f"{path}: {'; '.join(wrong)}: {MEND}")
