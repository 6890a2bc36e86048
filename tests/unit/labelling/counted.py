"""A clip whose every frame tells its number, in black and white bars that no codec confuses."""

from pathlib import Path

import cv2
import numpy as np

from calmloop.camera.arrays import Picture

BITS = 8
BAR_PX, HEIGHT_PX = 16, 64


def write_clip(path: Path, frames: int, fps: float) -> Path:
    """Writes up to 256 frames, numbered from 0."""
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), code, fps, (BITS * BAR_PX, HEIGHT_PX))
    for number in range(frames):
        bars = [255 * (number >> bit & 1) for bit in range(BITS)]
        row = np.repeat(np.array(bars, np.uint8), BAR_PX)
        writer.write(np.broadcast_to(row[None, :, None], (HEIGHT_PX, len(row), 3)).copy())
    writer.release()
    return path


def number_of(picture: Picture | None) -> int:
    """Which frame this is."""
    assert picture is not None
    bars = picture.reshape(HEIGHT_PX, BITS, BAR_PX, 3).mean(axis=(0, 2, 3))
    return sum(int(level > 127) << bit for bit, level in enumerate(bars))
