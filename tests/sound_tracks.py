"""Tracks of a test's own, with sidecars that are true of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from calmloop.base.tracks import FRAMES_PER_VALUE, RATE_HZ

AMPLITUDE = 3000
"""Of int16: as loud as a track of -23 LUFS, about."""


def tone(hz: float, seconds: float = 4.0) -> NDArray[np.int16]:
    """A tone in stereo that is periodic in its length, where that is a whole number of cycles."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    mono = AMPLITUDE * np.sin(2 * np.pi * hz * time_s)
    return np.repeat(np.round(mono).astype(np.int16)[:, np.newaxis], 2, axis=1)


def write_track(folder: Path, name: str, samples: NDArray[np.int16], **other: Any) -> Path:
    """Writes a track and its sidecar; returns the sound's path."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {
        "version": 1,
        "name": name,
        "title": name,
        "licence": "Apache-2.0",
        "source": "a test",
        "sample_rate_hz": RATE_HZ,
        "channels": samples.shape[1],
        "frames": len(samples),
        "loop": True,
        "loudness_lufs": -23.0,
        "true_peak_dbtp": -12.0,
        "onset_db": 3.0,
        "sha256": hashlib.sha256(samples.tobytes()).hexdigest(),
        "envelope": [0.5] * -(-len(samples) // FRAMES_PER_VALUE),
    }
    path = folder / f"{name}.flac"
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")
    (folder / f"{name}.json").write_text(json.dumps(known | other))
    return path
