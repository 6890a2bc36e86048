"""Smooth lines, areas and discs in the face's own coordinates."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SUPERSAMPLE = 2
"""Drawn at this scale and reduced: smooth edges at little cost."""
LEFT, RIGHT, TOP, BOTTOM = -1.40, 1.40, -1.65, 1.50
"""What a canvas shows, in half face widths; the origin lies between the eyes."""
FRACTION_BITS = 4
"""Points are placed to 1/16 of a pixel."""

Picture = NDArray[np.uint8]
"""Height x width x 3, BGR."""
Points = NDArray[np.float64]
"""(n, 2), x right and y down, in half face widths."""
Colour = tuple[int, int, int]
"""BGR."""


def curve(points: list[tuple[float, float]], steps: int = 8) -> Points:
    """A Catmull-Rom spline through the points, `steps` to each piece."""
    p = np.array([points[0], *points, points[-1]], float)
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    pieces = 0.5 * (
        2 * b[:, None]
        + (c - a)[:, None] * t
        + (2 * a - 5 * b + 4 * c - d)[:, None] * t**2
        + (3 * b - a - 3 * c + d)[:, None] * t**3
    )
    return np.vstack([pieces.reshape(-1, 2), p[-2]])


@dataclass(frozen=True)
class Canvas:
    """A picture with `unit_px` pixels to half a face width."""

    picture: Picture
    unit_px: float

    def pixels(self, points: Points) -> NDArray[np.int32]:
        """The points in pixels, times 2 to the power of FRACTION_BITS."""
        scaled = (points - (LEFT, TOP)) * (self.unit_px * 2**FRACTION_BITS)
        return np.asarray(np.round(scaled), np.int32)

    def fill(self, outline: Points, colour: Colour) -> None:
        """Fills a polygon."""
        cv2.fillPoly(self.picture, [self.pixels(outline)], colour, cv2.LINE_AA, FRACTION_BITS)

    def line(self, path: Points, colour: Colour, width: float) -> None:
        """Draws along a path; `width` in half face widths."""
        thickness_px = max(1, round(width * self.unit_px))
        pixels = [self.pixels(path)]
        cv2.polylines(self.picture, pixels, False, colour, thickness_px, cv2.LINE_AA, FRACTION_BITS)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Draws a filled circle."""
        across, down = (int(place) for place in self.pixels(np.array([[x, y]]))[0])
        size = round(radius * self.unit_px * 2**FRACTION_BITS)
        cv2.circle(self.picture, (across, down), size, colour, -1, cv2.LINE_AA, FRACTION_BITS)

    def inlay(self, outline: Points, ground: Colour, draw: Callable[["Canvas"], None]) -> None:
        """Fills a polygon with a colour and with what `draw` puts on it, cut at its edge."""
        pixels = self.pixels(outline)
        corners = pixels >> FRACTION_BITS
        (left, top), (right, bottom) = corners.min(axis=0) - 2, corners.max(axis=0) + 3
        region = (slice(top, bottom), slice(left, right))
        mask = np.zeros(self.picture.shape[:2], np.uint8)
        cv2.fillPoly(mask, [pixels], 255, cv2.LINE_AA, FRACTION_BITS)
        share = mask[region].astype(np.float32)[..., None] / 255.0
        beside = Canvas(np.empty_like(self.picture), self.unit_px)
        beside.picture[region] = ground
        draw(beside)
        mixed = beside.picture[region] * share + self.picture[region] * (1 - share)
        self.picture[region] = mixed.astype(np.uint8)


def reduced(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A drawn picture at its final size."""
    height, width = drawn.shape[:2]
    size = (width // SUPERSAMPLE, height // SUPERSAMPLE)
    return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.uint8)


def lay_over(behind: Picture, drawn: Picture, cover: NDArray[np.uint8]) -> None:
    """Puts what is drawn on a picture of the same size, by how much of each pixel it covers."""
    share = cv2.merge([cover] * 3)
    shown = cv2.multiply(drawn, share, scale=1 / 255)
    behind[:] = cv2.add(shown, cv2.multiply(behind, cv2.bitwise_not(share), scale=1 / 255))
