"""The child's body in its shirt: it breathes, and does not sit still when it is excited."""

import cv2
import numpy as np

from calmloop.simulated_child.canvas import Colour, Picture, lay_over
from calmloop.simulated_child.room import NECK

SHIRT_BGR = (128, 96, 62)
SHOULDERS, CHEST = 2.3, 1.9
"""Half axes of the shirt, in half face widths; those below are in the same."""
SHIRT_DOWN, COLLAR_DOWN = 3.15, 1.46
TOP, SIDE = 1.1, 2.8
"""What the moving body may cover: from so far below the eyes, so far to either side."""


class Body:
    """Drawn once, and laid on each picture where the body is then."""

    def __init__(
        self,
        width_px: int,
        height_px: int,
        unit_px: float,
        centre: tuple[float, float],
        *,
        shirt_bgr: Colour = SHIRT_BGR,
        stays: bool = True,
    ) -> None:
        """Takes the picture's size, half the face's width and the place of the face.

        A body that does not stay in its place may be laid anywhere in the picture.
        """
        u, cx, cy = unit_px, round(centre[0]), round(centre[1])
        self._unit = unit_px
        self._rows = slice(min(height_px, round(cy + TOP * u)) if stays else 0, height_px)
        left, right = max(0, round(cx - SIDE * u)), min(width_px, round(cx + SIDE * u))
        self._columns = slice(left, right) if stays else slice(0, width_px)
        shirt = np.full((height_px, width_px, 3), shirt_bgr, np.uint8)
        neck = ((cx - round(0.52 * u), cy), (cx + round(0.52 * u), cy + round(1.5 * u)))
        cv2.rectangle(shirt, *neck, NECK, -1)
        collar = (round(0.60 * u), round(0.34 * u))
        at = (cx, cy + round(COLLAR_DOWN * u))
        cv2.ellipse(shirt, at, collar, 0, 0, 180, NECK, -1, cv2.LINE_AA)
        cover = np.zeros((height_px, width_px), np.uint8)
        axes = (round(SHOULDERS * u), round(CHEST * u))
        at = (cx, cy + round(SHIRT_DOWN * u))
        cv2.ellipse(cover, at, axes, 0, 180, 360, 255, -1, cv2.LINE_AA)
        self._shirt = self._cut(cv2.GaussianBlur(shirt, (0, 0), 0.02 * u))
        self._cover = self._cut(cv2.GaussianBlur(cover, (0, 0), 0.02 * u))

    def _cut(self, picture: "cv2.typing.MatLike") -> Picture:
        return np.asarray(picture[self._rows, self._columns], np.uint8)

    def lay_on(self, picture: Picture, right: float, down: float) -> None:
        """Draws it moved by so many half face widths."""
        if not self._cover.size:
            return
        move = np.array([[1.0, 0.0, right * self._unit], [0.0, 1.0, down * self._unit]])
        size = (self._cover.shape[1], self._cover.shape[0])
        shirt, cover = (
            cv2.warpAffine(part, move, size, borderMode=cv2.BORDER_REPLICATE)
            for part in (self._shirt, self._cover)
        )
        behind = picture[self._rows, self._columns]
        lay_over(behind, np.asarray(shirt, np.uint8), np.asarray(cover, np.uint8))
