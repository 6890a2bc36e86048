"""What is around the child: a wall, the chair's headrest; the room's light; noise."""

import cv2
import numpy as np
from numpy.typing import NDArray

from calmloop.contract.messages.stimulus import Light
from calmloop.simulated_child.canvas import Picture

NECK = (90, 114, 150)
LAMP_GAIN = 0.95
"""Brightness that the room's own lamp gives each channel."""
CHAIR_GAIN = 0.30
"""What the chair's strip adds to a channel at 100 %."""
NOISE_LEVELS = 2.5
"""Standard deviation of the sensor's noise in gray levels."""
NOISE_MARGIN_PX = 64


def draw_room(
    width_px: int,
    height_px: int,
    unit_px: float,
    centre: tuple[float, float],
    *,
    neck: bool = True,
) -> Picture:
    """The still background, BGR. `unit_px` is half the child's face width, `centre` its place.

    A child who may leave takes its neck along: then it is left out here.
    """
    y, x = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    wall = 150.0 - 35.0 * (y / height_px) - 25.0 * (x / width_px)
    room = (wall[..., None] / 150.0 * np.array([150.0, 158.0, 160.0], np.float32)).astype(np.uint8)
    cx, cy, u = round(centre[0]), round(centre[1]), unit_px
    window = (round(0.06 * width_px), round(0.10 * height_px))
    corner = (round(0.22 * width_px), round(0.48 * height_px))
    cv2.rectangle(room, window, corner, (208, 204, 196), -1)
    cv2.rectangle(room, window, corner, (96, 104, 110), max(2, round(0.06 * u)))
    headrest = (round(1.75 * u), round(2.1 * u))
    cv2.ellipse(room, (cx, cy + round(0.3 * u)), headrest, 0, 0, 360, (92, 84, 66), -1, cv2.LINE_AA)
    room = cv2.GaussianBlur(room, (0, 0), 0.05 * u)
    if neck:
        corners = (
            (cx - round(0.52 * u), cy + round(0.9 * u)),
            (cx + round(0.52 * u), cy + round(1.5 * u)),
        )
        cv2.rectangle(room, *corners, NECK, -1)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), 0.02 * u), np.uint8)


class RoomLight:
    """Lights a picture by the room's lamp and the chair's strip."""

    def __init__(self) -> None:
        self._lit_by: Light | None = None
        self._table: NDArray[np.uint8] = np.zeros((256, 1, 3), np.uint8)

    def shine(self, picture: Picture, light: Light) -> Picture:
        """The picture under this light; the strip's levels are linear, 0 to 100 %."""
        if light != self._lit_by:
            strip = np.array([light.blue_pct, light.green_pct, light.red_pct]) / 100.0
            gain = LAMP_GAIN + CHAIR_GAIN * strip
            levels = np.arange(256)[:, None, None] * gain[None, None, :]
            self._table = np.clip(levels, 0, 255).astype(np.uint8)
            self._lit_by = light
        return np.asarray(cv2.LUT(picture, self._table), np.uint8)


class SensorNoise:
    """Noise of a camera: one sheet of it, laid on at another place each time."""

    def __init__(self, rng: np.random.Generator, width_px: int, height_px: int) -> None:
        self._rng = rng
        sheet = (height_px + NOISE_MARGIN_PX, width_px + NOISE_MARGIN_PX, 3)
        self._sheet = np.round(rng.normal(0.0, NOISE_LEVELS, sheet)).astype(np.int16)

    def add(self, picture: Picture) -> Picture:
        """The picture with noise."""
        height, width = picture.shape[:2]
        top, left = (int(place) for place in self._rng.integers(0, NOISE_MARGIN_PX, 2))
        noise = self._sheet[top : top + height, left : left + width]
        return np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)
