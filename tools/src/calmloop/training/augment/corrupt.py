"""Corrupts test faces in five fixed ways, to measure a network's robustness."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.training.augment.augmentation import line_kernel

Images = npt.NDArray[np.uint8]

DARK_FACTOR = 0.4
BLUR_LENGTH_PX = 7
OCCLUSION_SIDE_PX = 16
ROTATION_DEG = 15.0
NOISE_SIGMA = 15.0
"""Strengths as the project's acceptance names them, for faces of 48x48 pixels."""

_SEED = 0


class Corruption(StrEnum):
    """One row of the robustness table."""

    DARK = "dark"
    MOTION_BLUR = "motion blur"
    OCCLUSION = "occlusion"
    ROTATION = "rotation"
    NOISE = "noise"


def corrupt(images: Images, corruption: Corruption) -> Images:
    """A corrupted copy of faces (N, H, W) uint8; the same faces give the same copy every time."""
    return _WAYS[corruption](images, np.random.default_rng(_SEED))


def _dark(images: Images, _rng: np.random.Generator) -> Images:
    return (images * np.float32(DARK_FACTOR) + np.float32(0.5)).astype(np.uint8)


def _motion_blur(images: Images, _rng: np.random.Generator) -> Images:
    """A level smear: heads turn and shake more than they nod."""
    kernel = line_kernel(BLUR_LENGTH_PX, 0.0)
    return np.stack([cv2.filter2D(image, -1, kernel) for image in images]).astype(np.uint8)


def _occlusion(images: Images, rng: np.random.Generator) -> Images:
    """One black square wholly inside each picture, anywhere with the same chance."""
    out = images.copy()
    height, width = images.shape[1:]
    tops = rng.integers(0, height - OCCLUSION_SIDE_PX + 1, len(images))
    lefts = rng.integers(0, width - OCCLUSION_SIDE_PX + 1, len(images))
    for image, top, left in zip(out, tops, lefts, strict=True):
        image[top : top + OCCLUSION_SIDE_PX, left : left + OCCLUSION_SIDE_PX] = 0
    return out


def _rotation(images: Images, rng: np.random.Generator) -> Images:
    """Turned about the middle, to either side by a coin; what comes into view repeats the edge."""
    height, width = images.shape[1:]
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrices = [cv2.getRotationMatrix2D(centre, turn, 1) for turn in (-ROTATION_DEG, ROTATION_DEG)]
    sides = rng.integers(0, 2, len(images))
    turned = [
        cv2.warpAffine(image, matrices[side], (width, height), borderMode=cv2.BORDER_REPLICATE)
        for image, side in zip(images, sides, strict=True)
    ]
    return np.stack(turned).astype(np.uint8)


def _noise(images: Images, rng: np.random.Generator) -> Images:
    noisy = images + rng.normal(0, NOISE_SIGMA, images.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


_WAYS: Mapping[Corruption, Callable[[Images, np.random.Generator], Images]] = MappingProxyType(
    {
        Corruption.DARK: _dark,
        Corruption.MOTION_BLUR: _motion_blur,
        Corruption.OCCLUSION: _occlusion,
        Corruption.ROTATION: _rotation,
        Corruption.NOISE: _noise,
    }
)
