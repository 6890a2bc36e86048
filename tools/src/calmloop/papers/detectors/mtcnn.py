"""MTCNN (Zhang et al., 2016) as a detector like the product's: facenet-pytorch's, with its weights.

Package and weights are under the MIT licence and part of no other environment than the papers'.
"""

from typing import Any

import numpy as np
from facenet_pytorch import MTCNN

from calmloop.face_detector import Detection, Gray, Square

SURE_SCORE = 0.7
"""Of the last of its three networks: what its authors let through at all."""
SIDE_PER_MTCNN_SIDE = 1.10
RISE_PER_MTCNN_SIDE = 0.05
"""Viola-Jones side and centre relative to the square root of its box's area: medians of 14 faces of
two clips that both found."""


class Mtcnn:
    """Three small networks, one after another, on a gray picture."""

    name = "mtcnn"
    rolls_deg: tuple[float, ...] = (0.0,)
    is_divisible = True

    def __init__(self) -> None:
        self._network: Any = MTCNN(keep_all=True, select_largest=False)

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        """See `calmloop.face_detector.Detector.detect`; every tilt is found at once."""
        if min(gray.shape) < min_px:
            return []
        self._network.min_face_size = min_px / SIDE_PER_MTCNN_SIDE
        picture = np.repeat(gray[:, :, None], 3, axis=2)
        boxes, scores, points = self._network.detect(picture, landmarks=True)
        if boxes is None:
            return []
        found = [_detection(*one) for one in zip(boxes, scores, points, strict=True)]
        return [item for item in found if min_px <= item.square.side <= max_px]


def _detection(box: Any, score: float, points: Any) -> Detection:
    left, top, right, bottom = (float(edge) for edge in box)
    side = float(np.sqrt(max(1.0, (right - left) * (bottom - top))))
    square = Square(
        (left + right) / 2,
        (top + bottom) / 2 - RISE_PER_MTCNN_SIDE * side,
        SIDE_PER_MTCNN_SIDE * side,
    )
    across, down = (float(step) for step in points[1] - points[0])
    return Detection(
        square,
        score=float(score),
        sure=float(score) >= SURE_SCORE,
        frontalness=1.0,
        roll_deg=float(np.degrees(np.arctan2(down, across))),
        landmarks=tuple((float(x), float(y)) for x, y in points),
    )
