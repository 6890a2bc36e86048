"""Notices that a live camera keeps sending one and the same picture.

A sensor's own noise moves every picture, in the dark too. What does not move at all comes from a
stuck driver or streamer, and must not pass for a child who keeps still. The picture is remembered
when the device is opened anew, so that a stuck one does not pass for a new one each time.
"""

import numpy as np

from calmloop.camera.arrays import Picture

SAMPLE_EVERY_PX = 4
SAME_WITHIN = 2
"""Levels of each channel: another rounding changes no value more, a sensor's noise does."""


class Stillness:
    """Compares each picture with the first of those that were equal since."""

    def __init__(self, frozen_after_s: float) -> None:
        self._frozen_after_ns = round(frozen_after_s * 1e9)
        self._reference = np.zeros((0, 0, 3), np.int16)
        self._since_ns = 0

    def is_frozen(self, picture: Picture, captured_ns: int) -> bool:
        """Whether the picture has stayed the same for the given time, this one included."""
        sample = picture[::SAMPLE_EVERY_PX, ::SAMPLE_EVERY_PX].astype(np.int16)
        if not self._is_same(sample):
            self._reference = sample
            self._since_ns = captured_ns
        return captured_ns - self._since_ns >= self._frozen_after_ns

    def _is_same(self, sample: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> bool:
        if sample.shape != self._reference.shape:
            return False
        return int(np.abs(sample - self._reference).max()) <= SAME_WITHIN
