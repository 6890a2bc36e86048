"""Draws the head: lit skin that was made once, and on it brows, eyes, nose and mouth."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calmloop.camera.picture import Picture
from calmloop.camera.simulated_child.expression import Expression
from calmloop.camera.simulated_child.relief import Floats, head_radius, relief

SUPERSAMPLE = 2
"""Drawn at this scale and reduced: smooth edges without cost for the eye."""
LEFT, RIGHT, TOP, BOTTOM = -1.40, 1.40, -1.65, 1.50
"""What the patch shows, in half face widths."""
FRACTION_BITS = 4
"""Polygons are placed to 1/16 of a pixel."""

Points = NDArray[np.float64]
Colour = tuple[int, int, int]

HAIR: Colour = (38, 52, 74)
BROW: Colour = (34, 44, 62)
LASH: Colour = (26, 30, 42)
WHITE: Colour = (222, 228, 234)
IRIS: Colour = (52, 78, 104)
PUPIL: Colour = (18, 18, 22)
LIP_UPPER: Colour = (98, 102, 176)
LIP_LOWER: Colour = (112, 120, 198)
MOUTH_INSIDE: Colour = (26, 22, 52)
TEETH: Colour = (216, 226, 232)
NOSTRIL: Colour = (48, 56, 92)
EYE_X, EYE_Y, EYE_WIDTH = 0.42, -0.07, 0.235
IRIS_RADIUS, PUPIL_RADIUS = 0.110, 0.05


def curve(points: list[tuple[float, float]], steps: int = 8) -> Points:
    """A Catmull-Rom spline through the points: (n, 2)."""
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
class Head:
    """A drawn head: BGR, and how much of each pixel it covers, 0 to 255."""

    picture: Picture
    cover: NDArray[np.uint8]


class FacePainter:
    """Holds what does not change, and draws an expression on it.

    Args:
        unit_px: Half the face's width in the finished picture.
        seed: For the strands of the hair.
    """

    def __init__(self, unit_px: float, seed: int) -> None:
        self._unit = unit_px * SUPERSAMPLE
        columns = np.arange(round((RIGHT - LEFT) * unit_px) * SUPERSAMPLE)
        rows = np.arange(round((BOTTOM - TOP) * unit_px) * SUPERSAMPLE)
        grid = np.meshgrid(LEFT + columns / self._unit, TOP + rows / self._unit)
        x, y = (axis.astype(np.float32) for axis in grid)
        self._cover = _reduce(self._draw_cover(x, y))
        self._rest, self._smile, self._frown = (
            self._dress(relief(x, y, self._unit, **folds), x, y, np.random.default_rng(seed))
            for folds in ({}, {"smile": 1.0}, {"frown": 1.0})
        )

    def draw(self, face: Expression, gaze: tuple[float, float] = (0.0, 0.0)) -> Head:
        """Draws a face; `gaze` moves the irises right and down, in half eye widths."""
        canvas = self._skin(face)
        self._nose(canvas, face)
        for side in (-1, 1):
            self._eye(canvas, face, side, gaze)
            self._brow(canvas, face, side)
        self._mouth(canvas, face)
        return Head(_reduce(canvas), self._cover)

    # --- made once -------------------------------------------------------------------------

    def _draw_cover(self, x: Floats, y: Floats) -> NDArray[np.uint8]:
        cover = np.where(head_radius(x, y) < 1.0, 255, 0).astype(np.uint8)
        # Only the neck's upper end moves with the head; below it fades into the room's still one.
        neck = np.clip((1.45 - y) / 0.35, 0.0, 1.0) * np.clip((0.55 - np.abs(x)) / 0.1, 0.0, 1.0)
        cover = np.maximum(cover, np.where(y > 0.8, 255 * neck, 0).astype(np.uint8))
        cover[self._hair_mask(x, y)] = 255
        cover[self._ear_mask(x, y)] = 255
        return cover

    def _hair_mask(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        outer = np.sqrt((x / 1.13) ** 2 + ((y + 0.10) / 1.45) ** 2) < 1.0
        hairline = -0.86 + 0.80 * np.abs(x) ** 3.2
        return np.asarray(outer & (y < hairline) & (y < 0.0), np.bool_)

    def _ear_mask(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        return np.asarray(
            ((np.abs(x) - 1.0) / 0.13) ** 2 + ((y - 0.10) / 0.24) ** 2 < 1.0, np.bool_
        )

    def _dress(self, skin: Picture, x: Floats, y: Floats, rng: np.random.Generator) -> Picture:
        picture = skin.astype(np.float32)
        outside = head_radius(x, y) >= 1.0
        ears = outside & self._ear_mask(x, y)
        picture[ears] = np.array([96, 122, 168], np.float32)
        neck = outside & ~ears & (y > 0.5)
        shadow = np.clip(0.45 + 0.35 * (y - 1.0), 0.4, 0.7)
        picture[neck] = (np.array([140, 172, 220], np.float32) * shadow[..., None])[neck]
        hair = self._hair_mask(x, y)
        shine = 0.8 + 0.5 * np.exp(-0.5 * (((x + 0.3) / 0.5) ** 2 + ((y + 1.2) / 0.2) ** 2))
        strands = cv2.GaussianBlur(
            rng.normal(0, 1, x.shape).astype(np.float32),
            (0, 0),
            sigmaX=1.0,
            sigmaY=0.09 * self._unit,
        )
        shine = shine * (1.0 + 0.9 * strands / max(1e-6, float(strands.std())) * 0.12)
        picture[hair] = (np.array(HAIR, np.float32) * shine[..., None])[hair]
        blurred = cv2.GaussianBlur(picture, (0, 0), 0.012 * self._unit)
        return np.clip(blurred, 0, 255).astype(np.uint8)

    # --- drawn each time -------------------------------------------------------------------

    def _skin(self, face: Expression) -> Picture:
        folded, share = (
            (self._smile, face.smile) if face.smile >= face.frown else (self._frown, face.frown)
        )
        return np.asarray(cv2.addWeighted(folded, share, self._rest, 1.0 - share, 0.0), np.uint8)

    def _px(self, points: Points) -> NDArray[np.int32]:
        scaled = (points - (LEFT, TOP)) * (self._unit * 2**FRACTION_BITS)
        return np.asarray(np.round(scaled), np.int32)

    def _fill(self, canvas: Picture, points: Points, colour: Colour) -> None:
        cv2.fillPoly(canvas, [self._px(points)], colour, cv2.LINE_AA, FRACTION_BITS)

    def _line(self, canvas: Picture, points: Points, colour: Colour, width: float) -> None:
        thickness = max(1, round(width * self._unit))
        cv2.polylines(
            canvas, [self._px(points)], False, colour, thickness, cv2.LINE_AA, FRACTION_BITS
        )

    def _disc(self, canvas: Picture, x: float, y: float, radius: float, colour: Colour) -> None:
        centre = self._px(np.array([[x, y]]))[0]
        size = round(radius * self._unit * 2**FRACTION_BITS)
        cv2.circle(
            canvas, (int(centre[0]), int(centre[1])), size, colour, -1, cv2.LINE_AA, FRACTION_BITS
        )

    def _brow(self, canvas: Picture, face: Expression, side: int) -> None:
        inner, outer = face.brow_inner_x, 0.70
        arch = min(face.brow_inner_y, face.brow_outer_y) - 0.04
        upper = [
            (inner, face.brow_inner_y - 0.03),
            (0.45, 0.6 * arch + 0.2 * (face.brow_inner_y + face.brow_outer_y) - 0.04),
            (outer, face.brow_outer_y + 0.02),
        ]
        lower = [
            (outer, face.brow_outer_y + 0.04),
            (0.45, 0.6 * arch + 0.2 * (face.brow_inner_y + face.brow_outer_y) + 0.045),
            (inner, face.brow_inner_y + 0.045),
        ]
        self._fill(canvas, np.vstack([curve(upper), curve(lower)]) * (side, 1), BROW)

    def _eye(self, canvas: Picture, face: Expression, side: int, gaze: tuple[float, float]) -> None:
        y, w = EYE_Y, EYE_WIDTH
        inner, outer = (EYE_X - w, y + 0.03), (EYE_X + w, y - 0.005)
        top = y - face.eye_open
        upper = curve(
            [
                inner,
                (EYE_X - 0.5 * w, top + 0.03 + face.lid_slant),
                (EYE_X + 0.1 * w, top + 0.5 * face.lid_slant),
                (EYE_X + 0.65 * w, top + 0.045),
                outer,
            ]
        )
        bottom = y + 0.085 - face.squint
        lower = curve([outer, (EYE_X + 0.4 * w, bottom), (EYE_X - 0.3 * w, bottom), inner])
        self._eyeball(canvas, np.vstack([upper, lower]) * (side, 1), side, gaze)
        self._line(canvas, upper * (side, 1), LASH, 0.035)
        self._line(canvas, lower * (side, 1), (88, 104, 148), 0.012)
        crease = upper[4:-4] * (1, 1) - (0, 0.055)
        self._line(canvas, crease * (side, 1), (86, 108, 152), 0.014)
        if face.squint > 0.03:
            bag = lower[3:-3] - (0, -0.07)
            self._line(canvas, bag * (side, 1), (108, 136, 184), 0.014)

    def _eyeball(
        self, canvas: Picture, outline: Points, side: int, gaze: tuple[float, float]
    ) -> None:
        bounds = self._px(outline) >> FRACTION_BITS
        (x0, y0), (x1, y1) = bounds.min(axis=0) - 2, bounds.max(axis=0) + 3
        mask = np.zeros(canvas.shape[:2], np.uint8)
        cv2.fillPoly(mask, [self._px(outline)], 255, cv2.LINE_AA, FRACTION_BITS)
        ball = np.zeros_like(canvas)
        ball[y0:y1, x0:x1] = WHITE
        x = side * EYE_X + gaze[0] * EYE_WIDTH
        y = EYE_Y - 0.01 + gaze[1] * EYE_WIDTH
        self._disc(ball, x, y, IRIS_RADIUS, IRIS)
        self._disc(ball, x, y, PUPIL_RADIUS, PUPIL)
        self._disc(ball, x - 0.03, y - 0.03, 0.018, (250, 250, 250))
        region = (slice(y0, y1), slice(x0, x1))
        share = mask[region].astype(np.float32)[..., None] / 255.0
        canvas[region] = (ball[region] * share + canvas[region] * (1 - share)).astype(np.uint8)

    def _nose(self, canvas: Picture, face: Expression) -> None:
        lift = 0.03 * max(face.frown, face.smile)
        for side in (-1, 1):
            wing = curve([(0.21, 0.29 - lift), (0.235, 0.37 - lift), (0.17, 0.42 - lift)])
            self._line(canvas, wing * (side, 1), (92, 116, 160), 0.018)
            hole = curve([(0.05, 0.415), (0.09, 0.39), (0.14, 0.41), (0.09, 0.435), (0.05, 0.415)])
            self._fill(canvas, (hole - (0, lift)) * (side, 1), NOSTRIL)

    def _mouth(self, canvas: Picture, face: Expression) -> None:
        w, y, gap = face.mouth_width, face.mouth_y, face.mouth_open
        corner = y - face.corner_up
        side_gap = gap * face.square * 0.8
        top, low = y - 0.35 * gap, y + 0.65 * gap

        def along(middle: float, edge: float, at_corner: float) -> list[tuple[float, float]]:
            near = middle + 0.72**2 * (edge - middle)
            return [
                (-w, at_corner),
                (-0.72 * w, near),
                (-0.3 * w, middle + 0.1 * (edge - middle)),
                (0.0, middle),
                (0.3 * w, middle + 0.1 * (edge - middle)),
                (0.72 * w, near),
                (w, at_corner),
            ]

        inner_top = curve(along(top, corner - 0.35 * side_gap, corner))
        inner_low = curve(along(low, corner + 0.65 * side_gap, corner))
        outer_top = inner_top - (0, 1) * self._lip_profile(inner_top, w, 0.065, cupid=True)
        outer_low = inner_low + (0, 1) * self._lip_profile(inner_low, w, face.lip, cupid=False)
        self._fill(canvas, np.vstack([outer_top, inner_top[::-1]]), LIP_UPPER)
        self._fill(canvas, np.vstack([inner_low, outer_low[::-1]]), LIP_LOWER)
        if gap > 0.02:
            self._inside(canvas, face, inner_top, inner_low)
        self._line(canvas, inner_top, (48, 50, 96), 0.018)
        if gap > 0.02:
            self._line(canvas, inner_low, (70, 74, 130), 0.012)
        for side in (-1, 1):
            self._disc(canvas, side * w, corner, 0.022, (56, 64, 112))

    @staticmethod
    def _lip_profile(line: Points, width: float, lip: float, *, cupid: bool) -> Points:
        x = line[:, :1] / width
        full = lip * np.sqrt(np.clip(1.0 - x**2, 0.0, 1.0))
        if cupid:
            full -= 0.35 * lip * np.exp(-0.5 * (x / 0.12) ** 2)
        return np.hstack([np.zeros_like(full), full])

    def _inside(
        self, canvas: Picture, face: Expression, inner_top: Points, inner_low: Points
    ) -> None:
        self._fill(canvas, np.vstack([inner_top, inner_low[::-1]]), MOUTH_INSIDE)
        gap = inner_low - inner_top
        middle = slice(3, -3)
        if face.teeth_top > 0.05:
            edge = inner_top + gap * face.teeth_top
            self._fill(canvas, np.vstack([inner_top[middle], edge[middle][::-1]]), TEETH)
        if face.teeth_bottom > 0.05:
            edge = inner_low - gap * face.teeth_bottom
            self._fill(canvas, np.vstack([inner_low[middle], edge[middle][::-1]]), TEETH)


def _reduce(canvas: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = canvas.shape[:2]
    size = (width // SUPERSAMPLE, height // SUPERSAMPLE)
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)
