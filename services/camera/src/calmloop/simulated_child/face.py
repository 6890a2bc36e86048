"""Draws a face: the head as it was made once, and on it the features of an expression."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calmloop.simulated_child.canvas import SUPERSAMPLE, Canvas, Picture, reduced
from calmloop.simulated_child.expression import Expression
from calmloop.simulated_child.features import draw_brow, draw_eye, draw_mouth, draw_nose
from calmloop.simulated_child.head import draw_head


@dataclass(frozen=True)
class Face:
    """A drawn face: BGR, and how much of each pixel the head covers, 0 to 255."""

    picture: Picture
    cover: NDArray[np.uint8]


class FacePainter:
    """Holds the head, and draws an expression on it.

    Args:
        unit_px: Half the face's width in the finished picture.
        seed: For the strands of the hair.
    """

    def __init__(self, unit_px: float, seed: int) -> None:
        self._drawn_px = unit_px * SUPERSAMPLE
        self._head = draw_head(unit_px, seed)
        self._cover = reduced(self._head.cover)

    def draw(self, face: Expression, gaze: tuple[float, float] = (0.0, 0.0)) -> Face:
        """Draws a face; `gaze` moves the irises right and down, in half eye widths."""
        canvas = Canvas(self._skin(face), self._drawn_px)
        draw_nose(canvas, face)
        for side in (-1, 1):
            draw_eye(canvas, face, side, gaze)
            draw_brow(canvas, face, side)
        draw_mouth(canvas, face)
        return Face(reduced(canvas.picture), self._cover)

    def _skin(self, face: Expression) -> Picture:
        smiles = face.smile >= face.frown
        folded = self._head.smile if smiles else self._head.frown
        share = face.smile if smiles else face.frown
        mixed = cv2.addWeighted(folded, share, self._head.rest, 1.0 - share, 0.0)
        return np.asarray(mixed, np.uint8)
