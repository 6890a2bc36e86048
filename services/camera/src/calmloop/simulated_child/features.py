"""What moves in a face: brows, eyes, nose and mouth. Lengths are in half face widths."""

from functools import partial

import numpy as np

from calmloop.simulated_child.canvas import Canvas, Colour, Points, curve
from calmloop.simulated_child.expression import Expression

BROW: Colour = (34, 44, 62)
LASH: Colour = (26, 30, 42)
LOWER_LID: Colour = (88, 104, 148)
CREASE: Colour = (86, 108, 152)
EYE_BAG: Colour = (108, 136, 184)
WHITE: Colour = (222, 228, 234)
IRIS: Colour = (52, 78, 104)
PUPIL: Colour = (18, 18, 22)
GLINT: Colour = (250, 250, 250)
NOSTRIL: Colour = (48, 56, 92)
NOSE_WING: Colour = (92, 116, 160)
LIP_UPPER: Colour = (98, 102, 176)
LIP_LOWER: Colour = (112, 120, 198)
LIP_EDGE_UPPER: Colour = (48, 50, 96)
LIP_EDGE_LOWER: Colour = (70, 74, 130)
MOUTH_CORNER: Colour = (56, 64, 112)
MOUTH_INSIDE: Colour = (26, 22, 52)
TEETH: Colour = (216, 226, 232)

EYE_X, EYE_Y, EYE_WIDTH = 0.42, -0.07, 0.235
IRIS_RADIUS, PUPIL_RADIUS, GLINT_RADIUS = 0.110, 0.05, 0.018
UPPER_LIP = 0.065
LEAST_GAP = 0.02
"""Lips closer than this are closed."""
LEAST_TEETH = 0.05
"""A smaller share of the gap shows no teeth."""


def draw_brow(canvas: Canvas, face: Expression, side: int) -> None:
    """One brow; `side` is -1 or 1."""
    inner, middle, outer = face.brow_inner_x, 0.45, 0.70
    mean = (face.brow_inner_y + face.brow_outer_y) / 2
    arch = 0.4 * mean + 0.6 * (min(face.brow_inner_y, face.brow_outer_y) - 0.04)
    upper = [
        (inner, face.brow_inner_y - 0.03),
        (middle, arch - 0.04),
        (outer, face.brow_outer_y + 0.02),
    ]
    lower = [
        (outer, face.brow_outer_y + 0.04),
        (middle, arch + 0.045),
        (inner, face.brow_inner_y + 0.045),
    ]
    canvas.fill(np.vstack([curve(upper), curve(lower)]) * (side, 1), BROW)


def draw_eye(canvas: Canvas, face: Expression, side: int, gaze: tuple[float, float]) -> None:
    """One eye; `gaze` moves the iris right and down, in half eye widths."""
    upper, lower = _upper_lid(face), _lower_lid(face)
    outline = np.vstack([upper, lower]) * (side, 1)
    x, y = side * EYE_X + gaze[0] * EYE_WIDTH, EYE_Y - 0.01 + gaze[1] * EYE_WIDTH
    canvas.inlay(outline, WHITE, partial(_draw_iris, x=x, y=y))
    canvas.line(upper * (side, 1), LASH, 0.035)
    canvas.line(lower * (side, 1), LOWER_LID, 0.012)
    canvas.line((upper[4:-4] - (0, 0.055)) * (side, 1), CREASE, 0.014)
    if face.squint > 0.03:
        canvas.line((lower[3:-3] - (0, -0.07)) * (side, 1), EYE_BAG, 0.014)


def _upper_lid(face: Expression) -> Points:
    top = EYE_Y - face.eye_open
    return curve(
        [
            (EYE_X - EYE_WIDTH, EYE_Y + 0.03),
            (EYE_X - 0.5 * EYE_WIDTH, top + 0.03 + face.lid_slant),
            (EYE_X + 0.1 * EYE_WIDTH, top + 0.5 * face.lid_slant),
            (EYE_X + 0.65 * EYE_WIDTH, top + 0.045),
            (EYE_X + EYE_WIDTH, EYE_Y - 0.005),
        ]
    )


def _lower_lid(face: Expression) -> Points:
    bottom = EYE_Y + 0.085 - face.squint
    return curve(
        [
            (EYE_X + EYE_WIDTH, EYE_Y - 0.005),
            (EYE_X + 0.4 * EYE_WIDTH, bottom),
            (EYE_X - 0.3 * EYE_WIDTH, bottom),
            (EYE_X - EYE_WIDTH, EYE_Y + 0.03),
        ]
    )


def _draw_iris(ball: Canvas, x: float, y: float) -> None:
    ball.disc(x, y, IRIS_RADIUS, IRIS)
    ball.disc(x, y, PUPIL_RADIUS, PUPIL)
    ball.disc(x - 0.03, y - 0.03, GLINT_RADIUS, GLINT)


def draw_nose(canvas: Canvas, face: Expression) -> None:
    """The wings and nostrils; the rest of the nose is in the skin's relief."""
    lift = (0, 0.03 * max(face.frown, face.smile))
    wing = curve([(0.21, 0.29), (0.235, 0.37), (0.17, 0.42)]) - lift
    hole = curve([(0.05, 0.415), (0.09, 0.39), (0.14, 0.41), (0.09, 0.435), (0.05, 0.415)]) - lift
    for side in (-1, 1):
        canvas.line(wing * (side, 1), NOSE_WING, 0.018)
        canvas.fill(hole * (side, 1), NOSTRIL)


def draw_mouth(canvas: Canvas, face: Expression) -> None:
    """Lips, and between them the dark and the teeth."""
    gap, corner = face.mouth_open, face.mouth_y - face.corner_up
    side_gap = 0.8 * gap * face.square
    top = _lip_line(face, face.mouth_y - 0.35 * gap, corner - 0.35 * side_gap)
    low = _lip_line(face, face.mouth_y + 0.65 * gap, corner + 0.65 * side_gap)
    canvas.fill(np.vstack([top - _upper_lip(top, face), top[::-1]]), LIP_UPPER)
    canvas.fill(np.vstack([low, (low + _lower_lip(low, face))[::-1]]), LIP_LOWER)
    if gap > LEAST_GAP:
        _draw_inside(canvas, face, top, low)
        canvas.line(low, LIP_EDGE_LOWER, 0.012)
    canvas.line(top, LIP_EDGE_UPPER, 0.018)
    for side in (-1, 1):
        canvas.disc(side * face.mouth_width, corner, 0.022, MOUTH_CORNER)


def _lip_line(face: Expression, middle: float, edge: float) -> Points:
    """The inner edge of a lip: at `middle` in the middle, and bent towards `edge` at the sides."""
    corner = face.mouth_y - face.corner_up
    half = [
        (0.0, middle),
        (0.3 * face.mouth_width, middle + 0.1 * (edge - middle)),
        (0.72 * face.mouth_width, middle + 0.72**2 * (edge - middle)),
        (face.mouth_width, corner),
    ]
    return curve([(-x, y) for x, y in half[:0:-1]] + half)


def _lower_lip(line: Points, face: Expression) -> Points:
    across = line[:, :1] / face.mouth_width
    full = np.sqrt(np.clip(1.0 - across**2, 0.0, 1.0))
    return np.hstack([np.zeros_like(full), face.lip * full])


def _upper_lip(line: Points, face: Expression) -> Points:
    across = line[:, :1] / face.mouth_width
    full = np.sqrt(np.clip(1.0 - across**2, 0.0, 1.0))
    bow = 0.35 * np.exp(-0.5 * (across / 0.12) ** 2)
    return np.hstack([np.zeros_like(full), UPPER_LIP * (full - bow)])


def _draw_inside(canvas: Canvas, face: Expression, top: Points, low: Points) -> None:
    canvas.fill(np.vstack([top, low[::-1]]), MOUTH_INSIDE)
    behind_lips = slice(3, -3)
    for lip, teeth in ((top, face.teeth_top), (low, -face.teeth_bottom)):
        if abs(teeth) > LEAST_TEETH:
            edge = lip + teeth * (low - top)
            canvas.fill(np.vstack([lip[behind_lips], edge[behind_lips][::-1]]), TEETH)
