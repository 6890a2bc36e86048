"""Scales a square gray picture, with numpy alone: area averages down, linear up."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from calmloop.emotion_classifier.classification import Gray


def scaled(picture: Gray, side_px: int) -> Gray:
    """The picture at another size, as OpenCV's INTER_AREA (down) and INTER_LINEAR (up) make it.

    Args:
        picture: Shape (n, n), uint8.
        side_px: Side of the result.
    """
    if picture.shape[0] == side_px:
        return picture
    weights = _weights(picture.shape[0], side_px)
    return np.asarray(np.rint(weights @ picture @ weights.T), np.uint8)


@lru_cache(maxsize=4)
def _weights(have: int, want: int) -> NDArray[np.float32]:
    """What each of `have` pixels adds to each of `want`; shape (want, have), rows sum to 1."""
    step = have / want
    pixel = np.arange(have)
    if step > 1:
        begin = np.arange(want)[:, None] * step
        overlap = np.minimum(begin + step, pixel + 1) - np.maximum(begin, pixel)
        return np.asarray(np.maximum(overlap, 0.0) / step, np.float32)
    centre = np.clip((np.arange(want)[:, None] + 0.5) * step - 0.5, 0, have - 1)
    return np.asarray(np.maximum(1.0 - np.abs(pixel - centre), 0.0), np.float32)
