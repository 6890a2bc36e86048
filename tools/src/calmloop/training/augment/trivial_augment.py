"""TrivialAugmentWide (Müller and Hutter, 2021): one random distortion a face, of random strength.

Its wide set without the one operation that needs colour. Strengths are drawn evenly from 31 steps,
as in the paper; signs by a coin. Black comes into view, as there.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Operation = Callable[[Image, float], Image]

STEPS = 31
MAX_SHEAR = 0.99
MAX_SHIFT_PX = 32.0
MAX_ROTATION_DEG = 135.0
MAX_ENHANCEMENT = 0.99
MIN_BITS = 2
"""The wide ranges, as in the paper and in torchvision."""


def trivial_augment_wide(images: Image, rng: np.random.Generator, p: float = 1.0) -> Image:
    """Each chosen picture of (N, H, W) uint8 through one operation; ``p`` is the share chosen."""
    out = images.copy()
    names = list(OPERATIONS)
    for n in np.flatnonzero(rng.random(len(images)) < p):
        operation = OPERATIONS[names[int(rng.integers(len(names)))]]
        strength = int(rng.integers(STEPS)) / (STEPS - 1) * float(rng.choice((-1, 1)))
        out[n] = operation(images[n], strength)
    return out


def _warp(image: Image, matrix: list[list[float]]) -> Image:
    height, width = image.shape
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    turn = np.array(matrix, np.float64)
    turn[:, 2] = turn[:, 2] + middle - turn[:, :2] @ middle
    return np.asarray(cv2.warpAffine(image, turn, (width, height)), np.uint8)


def _shear(image: Image, strength: float, upright: bool) -> Image:
    slope = MAX_SHEAR * strength
    return _warp(image, [[1, 0, 0], [slope, 1, 0]] if upright else [[1, slope, 0], [0, 1, 0]])


def _shift(image: Image, strength: float, upright: bool) -> Image:
    pixels = MAX_SHIFT_PX * strength
    return _warp(image, [[1, 0, 0], [0, 1, pixels]] if upright else [[1, 0, pixels], [0, 1, 0]])


def _rotate(image: Image, strength: float) -> Image:
    angle = np.radians(MAX_ROTATION_DEG * strength)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    return _warp(image, [[cos, sin, 0], [-sin, cos, 0]])


def _blend(base: npt.NDArray[np.floating] | float, image: Image, strength: float) -> Image:
    factor = 1 + MAX_ENHANCEMENT * strength
    return np.asarray(np.clip(base + (image - base) * factor + 0.5, 0, 255), np.uint8)


def _brightness(image: Image, strength: float) -> Image:
    return _blend(0.0, image, strength)


def _contrast(image: Image, strength: float) -> Image:
    return _blend(float(image.mean()), image, strength)


def _sharpness(image: Image, strength: float) -> Image:
    kernel = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13
    return _blend(cv2.filter2D(image, -1, kernel).astype(np.float64), image, strength)


def _posterize(image: Image, strength: float) -> Image:
    bits = 8 - round((8 - MIN_BITS) * abs(strength))
    return image & np.uint8(256 - 2 ** (8 - bits))


def _solarize(image: Image, strength: float) -> Image:
    """Invert what is at least as bright as a limit: nothing at no strength, all at full."""
    limit = round(256 * (1 - abs(strength)))
    return np.where(image >= limit, 255 - image, image).astype(np.uint8)


def _autocontrast(image: Image, _strength: float) -> Image:
    low, high = int(image.min()), int(image.max())
    if low == high:
        return image
    return np.asarray((image.astype(np.float64) - low) * 255 / (high - low) + 0.5, np.uint8)


def _equalize(image: Image, _strength: float) -> Image:
    return np.asarray(cv2.equalizeHist(image), np.uint8)


def _identity(image: Image, _strength: float) -> Image:
    return image


OPERATIONS: dict[str, Operation] = {
    "identity": _identity,
    "shear x": partial(_shear, upright=False),
    "shear y": partial(_shear, upright=True),
    "translate x": partial(_shift, upright=False),
    "translate y": partial(_shift, upright=True),
    "rotate": _rotate,
    "brightness": _brightness,
    "contrast": _contrast,
    "sharpness": _sharpness,
    "posterize": _posterize,
    "solarize": _solarize,
    "autocontrast": _autocontrast,
    "equalize": _equalize,
}
"""By name: (H, W) uint8 and a strength from -1 to 1 to a picture of the same shape."""
