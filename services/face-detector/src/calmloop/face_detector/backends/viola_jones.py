"""Viola-Jones: OpenCV's cascades of boosted Haar features, as in the main paper."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from calmloop.errors import ConfigurationError
from calmloop.face_detector.detection import Detection
from calmloop.face_detector.geometry import Gray, Square
from calmloop.face_detector.settings import ViolaJonesSection

FULL_SCORE_NEIGHBOURS = 2.0
"""This many times the neighbours of a sure face count as a perfect one."""
LEAST_CONTRAST = 10.0
"""Least standard deviation of a face's gray levels: 99.9 % of FER-2013's faces have 19.8 or more.
Equalising stretches the noise of a blank wall or a dark curtain into patterns that pass."""


class ViolaJones:
    """A frontal-face cascade on the equalised gray picture.

    A face is hit by many overlapping windows, a chance pattern by few: the number of these
    neighbours is the score, and since the cascade was trained on frontal faces, it is also all
    that it can tell of frontalness.
    """

    def __init__(self, section: ViolaJonesSection) -> None:
        path = Path(cv2.__file__).parent / "data" / f"haarcascade_{section.cascade}.xml"
        self._cascade = cv2.CascadeClassifier(str(path))
        if self._cascade.empty():
            raise ConfigurationError(
                f"face_detector.viola_jones.cascade = '{section.cascade}': {path} cannot be"
                " loaded: reinstall opencv-python-headless (4.x; version 5 has no cascades)"
            )
        self._section = section
        self.name = f"viola-jones/{section.cascade}"

    def detect(self, gray: Gray, smallest_px: float, largest_px: float) -> list[Detection]:
        """See `Detector.detect`."""
        width, height = self._cascade.getOriginalWindowSize()
        if gray.shape[0] < height or gray.shape[1] < width or largest_px < width:
            return []
        boxes, neighbours = self._cascade.detectMultiScale2(
            cv2.equalizeHist(gray),
            scaleFactor=self._section.scale_factor,
            minNeighbors=self._section.keep_neighbours,
            minSize=(round(smallest_px),) * 2,
            maxSize=(round(largest_px),) * 2,
        )
        return [
            self._detection(box, int(count))
            for box, count in zip(boxes, np.ravel(neighbours), strict=True)
            if _contrast(gray, box) >= LEAST_CONTRAST
        ]

    def _detection(self, box: Sequence[int], neighbours: int) -> Detection:
        left, top, side, _ = (float(value) for value in box)
        sure = self._section.sure_neighbours
        score = min(1.0, neighbours / (FULL_SCORE_NEIGHBOURS * sure))
        square = Square(left + side / 2, top + side / 2, side)
        return Detection(square, score, neighbours >= sure, frontalness=score)


def _contrast(gray: Gray, box: Sequence[int]) -> float:
    left, top, width, height = box
    return float(gray[top : top + height, left : left + width].std())
