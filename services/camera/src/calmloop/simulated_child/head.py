"""The head without its features: skin, hair, ears and neck, drawn once."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calmloop.simulated_child.canvas import BOTTOM, LEFT, RIGHT, SUPERSAMPLE, TOP, Picture
from calmloop.simulated_child.relief import Floats, head_radius, relief

HAIR_BGR = np.array([38.0, 52.0, 74.0], np.float32)
EAR_BGR = np.array([96.0, 122.0, 168.0], np.float32)
NECK_BGR = np.array([140.0, 172.0, 220.0], np.float32)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Head:
    """The three skins between which an expression mixes, and where the head is.

    Attributes:
        rest: BGR, at SUPERSAMPLE times the final size; likewise the others.
        smile: With bulging cheeks and the smile's folds.
        frown: With the frown's folds.
        cover: How much of each pixel the head covers, 0 to 255.
    """

    rest: Picture
    smile: Picture
    frown: Picture
    cover: NDArray[np.uint8]


def draw_head(unit_px: float, seed: int) -> Head:
    """Draws the head.

    Args:
        unit_px: Half the face's width in the finished picture.
        seed: For the strands of the hair.
    """
    drawn_px = unit_px * SUPERSAMPLE
    columns = np.arange(round((RIGHT - LEFT) * unit_px) * SUPERSAMPLE)
    rows = np.arange(round((BOTTOM - TOP) * unit_px) * SUPERSAMPLE)
    grid = np.meshgrid(LEFT + columns / drawn_px, TOP + rows / drawn_px)
    x, y = (axis.astype(np.float32) for axis in grid)
    rest, smile, frown = (
        _dressed(relief(x, y, drawn_px, **folds), x, y, drawn_px, seed)
        for folds in ({}, {"smile": 1.0}, {"frown": 1.0})
    )
    return Head(rest, smile, frown, _cover(x, y))


def _hair(x: Floats, y: Floats) -> Mask:
    outer = np.sqrt((x / 1.13) ** 2 + ((y + 0.10) / 1.45) ** 2) < 1.0
    hairline = -0.86 + 0.80 * np.abs(x) ** 3.2
    return np.asarray(outer & (y < hairline) & (y < 0.0), np.bool_)


def _ears(x: Floats, y: Floats) -> Mask:
    away2 = ((np.abs(x) - 1.0) / 0.13) ** 2 + ((y - 0.10) / 0.24) ** 2
    return np.asarray(away2 < 1.0, np.bool_)


def _cover(x: Floats, y: Floats) -> NDArray[np.uint8]:
    cover = np.where(head_radius(x, y) < 1.0, 255, 0).astype(np.uint8)
    # Only the neck's upper end moves with the head; below it fades into the room's still one.
    neck = np.clip((1.45 - y) / 0.35, 0.0, 1.0) * np.clip((0.55 - np.abs(x)) / 0.1, 0.0, 1.0)
    cover = np.maximum(cover, np.where(y > 0.8, 255 * neck, 0).astype(np.uint8))
    cover[_hair(x, y) | _ears(x, y)] = 255
    return cover


def _dressed(skin: Picture, x: Floats, y: Floats, drawn_px: float, seed: int) -> Picture:
    picture = skin.astype(np.float32)
    outside = head_radius(x, y) >= 1.0
    ears = outside & _ears(x, y)
    neck = outside & ~ears & (y > 0.5)
    hair = _hair(x, y)
    chin_shadow = np.clip(0.45 + 0.35 * (y - 1.0), 0.4, 0.7)[..., None]
    picture[ears] = EAR_BGR
    picture[neck] = (NECK_BGR * chin_shadow)[neck]
    picture[hair] = (HAIR_BGR * _shine(x, y, drawn_px, seed)[..., None])[hair]
    soft = cv2.GaussianBlur(picture, (0, 0), 0.012 * drawn_px)
    return np.clip(soft, 0, 255).astype(np.uint8)


def _shine(x: Floats, y: Floats, drawn_px: float, seed: int) -> Floats:
    """Brightness of the hair: a highlight, and strands along its fall."""
    highlight = 0.8 + 0.5 * np.exp(-0.5 * (((x + 0.3) / 0.5) ** 2 + ((y + 1.2) / 0.2) ** 2))
    grain = np.random.default_rng(seed).normal(0, 1, x.shape).astype(np.float32)
    strands = cv2.GaussianBlur(grain, (0, 0), sigmaX=1.0, sigmaY=0.09 * drawn_px)
    return np.asarray(highlight * (1.0 + 0.108 * strands / float(strands.std())), np.float32)
