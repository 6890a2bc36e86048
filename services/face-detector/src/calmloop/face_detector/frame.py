"""One camera frame, decoded no finer than each use of it needs."""

import cv2
import numpy as np

from calmloop.base.errors import PayloadError
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.geometry import Square

FLAGS = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
"""JPEG decodes at a half, a quarter and an eighth for a fraction of the cost (DCT scaling)."""
OVERSAMPLING = 2
"""A crop is sampled this much finer than asked, then averaged, against aliasing and jitter."""


class JpegFrame:
    """A JPEG and the decoded sizes of it that were asked for so far."""

    def __init__(self, jpeg: bytes, height_px: int) -> None:
        """Takes a JPEG whose full height is `height_px`; nothing is decoded yet."""
        self._jpeg = np.frombuffer(jpeg, np.uint8)
        self._height_px = height_px
        self._decoded: dict[int, Gray] = {}

    def reduced_to(self, height_px: float) -> tuple[Gray, int]:
        """The smallest decodable gray picture of at least that height, and its reduction.

        Raises:
            PayloadError: the bytes are not a picture.
        """
        reduction = max((r for r in FLAGS if self._height_px / r >= height_px), default=1)
        return self._at(reduction), reduction

    def crop(self, square: Square, size_px: int, roll_deg: float = 0.0) -> Gray:
        """A square part of the frame.

        Args:
            square: The part, in pixels of the full frame; beyond the frame's edge its outermost
                pixels are repeated.
            size_px: Side of the result.
            roll_deg: Tilt of the square, clockwise; it stands upright in the result.

        Returns:
            Shape (size_px, size_px), uint8, sampled below one pixel's precision.
        """
        gray, reduction = self.reduced_to(size_px * self._height_px / max(square.side, 1.0))
        fine_px = OVERSAMPLING * size_px
        step = square.side / reduction / fine_px
        tilt = np.radians(roll_deg)
        along = step * np.array([np.cos(tilt), np.sin(tilt)])
        down = step * np.array([-np.sin(tilt), np.cos(tilt)])
        centre = np.array([square.x, square.y]) / reduction - 0.5
        first = centre - (fine_px - 1) / 2 * (along + down)
        to_source = np.stack([along, down, first], axis=1)
        fine = cv2.warpAffine(
            gray,
            to_source,
            (fine_px, fine_px),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(
            cv2.resize(fine, (size_px, size_px), interpolation=cv2.INTER_AREA), np.uint8
        )

    def _at(self, reduction: int) -> Gray:
        if reduction not in self._decoded:
            self._decoded[reduction] = self._decode(FLAGS[reduction])
        return self._decoded[reduction]

    def _decode(self, flag: int) -> Gray:
        try:
            gray = cv2.imdecode(self._jpeg, flag) if self._jpeg.size else None
        except cv2.error:
            gray = None
        if gray is None:
            raise PayloadError(f"{self._jpeg.size} bytes that are not a picture: send a JPEG")
        return np.asarray(gray, np.uint8)
