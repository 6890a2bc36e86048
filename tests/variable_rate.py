"""A video whose frames are not equally far apart, made of one whose frames are."""

import struct
from pathlib import Path

import cv2
import numpy as np

HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def hold_frames(clip: Path, first: int, factor: int) -> None:
    """Makes the first frames of an MP4 last longer: its table of times (stts) gets two entries.

    Args:
        clip: As OpenCV writes it: one track, moov behind the pictures.
        first: How many frames are held.
        factor: How many times as long as the others.
    """
    data = bytearray(clip.read_bytes())
    at = data.find(b"stts") - 4
    size, _, _, entries, count, delta = struct.unpack(">I4sIIII", data[at : at + 24])
    assert (size, entries) == (24, 1), "the clip has no constant rate"
    table = struct.pack(">4sIIIIII", b"stts", 0, 2, first, factor * delta, count - first, delta)
    data[at : at + size] = struct.pack(">I", len(table) + 4) + table
    for holder in HOLDERS:
        begin = data.find(holder) - 4
        (length,) = struct.unpack(">I", data[begin : begin + 4])
        data[begin : begin + 4] = struct.pack(">I", length + 8)
    # The list of edits would end the clip where it ended before.
    clip.write_bytes(bytes(data).replace(b"edts", b"free"))


def write_gray_clip(path: Path, levels: list[int], fps: float = 10) -> None:
    """A video of gray pictures, 160x120, one a level."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (160, 120))
    for level in levels:
        writer.write(np.full((120, 160, 3), level, np.uint8))
    writer.release()
