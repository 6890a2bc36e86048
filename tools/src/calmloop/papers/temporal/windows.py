"""The last two seconds before a frame, as the recurrent network gets them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from calmloop.papers.temporal.compose import ComposedStream
from calmloop.training.data.faces import FloatArray, IntArray, UInt8Array

WINDOW_S = 2.0
FEATURES = 8
"""The seven logits, and how many seconds before the window's end a frame was taken."""
Window = tuple[FloatArray, int]
"""Its frames, (T, FEATURES), and what the last frame of the stream shows then."""


@dataclass(frozen=True)
class Windows:
    """Many of them, filled up with zeros behind their last frame.

    Attributes:
        values: (N, T, FEATURES).
        length: Frames of each, (N,), 1 to T.
        group: What is to be said of each, (N,).
    """

    values: FloatArray
    length: IntArray
    group: IntArray


def key_frames(stream: ComposedStream, images: UInt8Array, threshold: float) -> IntArray:
    """Frames that differ from the one before, and the first, by the paper's frame difference.

    D = ||I_(i+1) - I_i||, here as the root mean square of gray levels (0 to 255), so that the
    threshold does not depend on the size. The paper takes I_i; on a live camera I_(i+1) is what
    has just come.
    """
    shown = images[stream.face].astype(np.float32)
    differs = np.sqrt((np.diff(shown, axis=0) ** 2).mean(axis=(1, 2))) > threshold
    return np.flatnonzero(np.concatenate([[True], differs]))


def windows_of(
    stream: ComposedStream,
    logits: FloatArray,
    ends: Iterable[int],
    chosen: IntArray | None = None,
    window_s: float = WINDOW_S,
) -> list[Window]:
    """The window that ends at each of the frames.

    Args:
        stream: Of faces.
        logits: Of the faces, (N, 7).
        ends: Frames.
        chosen: The only frames to look at, as from `key_frames`; a window always has the newest
            of them, however old.
        window_s: How far back a window goes; 0 for the newest frame alone.
    """
    usable = np.arange(len(stream.at_s)) if chosen is None else chosen
    windows = []
    for end in ends:
        seen = usable[usable <= end]
        recent = seen[stream.at_s[seen] > stream.at_s[end] - window_s]
        frames = recent if len(recent) else seen[-1:]
        ago_s = stream.at_s[end] - stream.at_s[frames]
        values = np.column_stack([logits[stream.face[frames]], ago_s])
        windows.append((values.astype(np.float32), int(stream.group[end])))
    return windows


def padded(windows: Sequence[Window]) -> Windows:
    """Many windows in one array."""
    length = np.array([len(values) for values, _ in windows], np.int64)
    out = np.zeros((len(windows), int(length.max()), FEATURES), np.float32)
    for row, (values, _) in zip(out, windows, strict=True):
        row[: len(values)] = values
    return Windows(out, length, np.array([group for _, group in windows], np.int64))
