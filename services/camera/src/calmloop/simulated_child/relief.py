"""The head's skin as a lit relief, drawn once for each of the three faces.

Shading comes from one height map and one light, so that cheeks, nose, sockets and folds darken
and brighten together as in a photograph; a detector made for photographs looks for just that.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from calmloop.simulated_child.canvas import Picture

Floats = NDArray[np.float32]

LIGHT = np.array([-0.22, -0.42, 0.88], np.float32)
"""Where the lamp is: left, above and in front."""
AMBIENT = 0.44
LAMP = 0.66
SKIN_BGR = np.array([166.0, 200.0, 240.0], np.float32)
HEAD_TOP, CHIN = -1.36, 1.20


def head_radius(x: Floats, y: Floats) -> Floats:
    """0 in the middle of the head, 1 on its outline."""
    jaw = np.clip((y - 0.15) / (CHIN - 0.15), 0.0, 1.0)
    width = 1.0 - 0.34 * jaw**2.2
    height = np.where(y < 0, -HEAD_TOP, CHIN).astype(np.float32)
    return np.asarray(np.sqrt((x / width) ** 2 + (y / height) ** 2), np.float32)


def blob(x: Floats, y: Floats, at: tuple[float, float], size: tuple[float, float]) -> Floats:
    """A soft hill of height 1, mirrored to both sides of the face."""
    side = np.abs(x) - at[0]
    return np.exp(-0.5 * ((side / size[0]) ** 2 + ((y - at[1]) / size[1]) ** 2))


def furrow(x: Floats, y: Floats, path: list[tuple[float, float]], width: float) -> Floats:
    """A soft line of height 1 along a path, mirrored to both sides of the face."""
    nearest = np.full(x.shape, np.inf, np.float32)
    side = np.abs(x)
    for (ax, ay), (bx, by) in pairwise(path):
        length2 = (bx - ax) ** 2 + (by - ay) ** 2
        along = np.clip(((side - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2, 0.0, 1.0)
        away2 = (side - ax - along * (bx - ax)) ** 2 + (y - ay - along * (by - ay)) ** 2
        nearest = np.minimum(nearest, away2)
    return np.asarray(np.exp(-0.5 * nearest / width**2), np.float32)


def _height(x: Floats, y: Floats, smile: float, frown: float) -> Floats:
    radius = head_radius(x, y)
    height = 0.95 * np.sqrt(np.clip(1.0 - radius**2, 0.0, 1.0))
    bridge = np.clip((y + 0.25) / 0.6, 0.0, 1.0) * (y < 0.39)
    ridge = np.exp(-0.5 * (x / 0.10) ** 2 - 0.5 * ((y - 0.2) / 0.25) ** 2)
    height += (0.05 + 0.20 * bridge) * ridge
    height += 0.11 * blob(x, y, (0.0, 0.33), (0.10, 0.09))
    height += 0.07 * blob(x, y, (0.16, 0.37), (0.06, 0.06))
    height -= 0.13 * blob(x, y, (0.42, -0.06), (0.22, 0.13))
    height += 0.05 * blob(x, y, (0.40, -0.34), (0.30, 0.08))
    height += 0.05 * blob(x, y, (0.52, 0.34), (0.24, 0.20))
    height += 0.07 * blob(x, y, (0.0, 0.68), (0.30, 0.16))
    height -= 0.05 * blob(x, y, (0.0, 0.87), (0.20, 0.05))
    height += 0.08 * blob(x, y, (0.0, 1.02), (0.20, 0.12))
    if smile:
        height += smile * 0.14 * blob(x, y, (0.55, 0.30), (0.18, 0.14))
        fold = [(0.19, 0.31), (0.38, 0.43), (0.56, 0.57), (0.60, 0.68)]
        height -= smile * 0.07 * furrow(x, y, fold, 0.035)
    if frown:
        fold = [(0.18, 0.29), (0.36, 0.42), (0.50, 0.63), (0.52, 0.80)]
        height -= frown * 0.07 * furrow(x, y, fold, 0.035)
        height -= frown * 0.05 * furrow(x, y, [(0.055, -0.42), (0.06, -0.22)], 0.022)
        height += frown * 0.06 * blob(x, y, (0.17, -0.22), (0.09, 0.07))
        height -= frown * 0.03 * furrow(x, y, [(0.0, -0.08), (0.09, -0.05)], 0.02)
    return np.asarray(height, np.float32)


def relief(
    x: Floats, y: Floats, unit_px: float, *, smile: float = 0.0, frown: float = 0.0
) -> Picture:
    """The lit skin, BGR, for a grid of coordinates with `unit_px` pixels to a half face width."""
    height = cv2.GaussianBlur(_height(x, y, smile, frown), (0, 0), 0.012 * unit_px)
    slope_y, slope_x = np.gradient(height * unit_px)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1.0)
    light = LIGHT / np.linalg.norm(LIGHT)
    lit = (-slope_x * light[0] - slope_y * light[1] + light[2]) / length
    shade = AMBIENT + LAMP * np.clip(lit, 0.0, 1.0)
    # What lies deep gets less of the room's light.
    shade *= 1.0 - 0.30 * blob(x, y, (0.40, -0.10), (0.20, 0.12))
    shade *= 1.0 - 0.25 * blob(x, y, (0.0, 0.45), (0.14, 0.04))
    shade *= 1.0 - 0.10 * blob(x, y, (0.0, 0.89), (0.22, 0.05))
    flush = 0.10 * blob(x, y, (0.55, 0.34), (0.22, 0.18))[..., None]
    colour = SKIN_BGR * (1.0 - flush * np.array([1.0, 0.9, 0.1], np.float32))
    lit_skin = np.clip(colour * shade[..., None], 0, 255)
    return np.asarray(lit_skin, np.uint8)
