"""Faces of which less can be seen, with the share of the evidence that is gone: what to doubt.

The strengths go beyond those that augmentation and the measured corruptions have, so that the
network learns where to give up. Pictures are (N, 48, 48) uint8 gray.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.training.augment.augmentation import Images, line_kernel
from calmloop.training.augment.cover import Image, Spoiled, cover
from calmloop.training.augment.no_face import no_face


def blur_along(image: Image, rng: np.random.Generator) -> Spoiled:
    """Smeared by 4 to 17 pixels along a line."""
    length = int(rng.integers(4, 18))
    kernel = line_kernel(length, rng.uniform(0, 180) if rng.random() < 0.6 else 0.0)
    blurred = cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.uint8), _ramp(length, 5, 17)


def out_of_focus(image: Image, rng: np.random.Generator) -> Spoiled:
    """Soft all over, or shrunk to a few pixels and back."""
    sigma = rng.uniform(1.0, 5.0)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8), _ramp(sigma, 1.2, 4.5)


def turned(image: Image, rng: np.random.Generator) -> Spoiled:
    """Turned in the picture by 15 to 60 degrees."""
    side, turn = image.shape[0], rng.uniform(15, 60) * rng.choice([-1, 1])
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), turn, rng.uniform(0.9, 1.15))
    border = cv2.BORDER_REPLICATE if rng.random() < 0.6 else cv2.BORDER_CONSTANT
    out = cv2.warpAffine(image, matrix, (side, side), borderMode=border)
    return np.asarray(out, np.uint8), _ramp(abs(turn), 15, 55)


def dark(image: Image, rng: np.random.Generator) -> Spoiled:
    """Little light, and a sensor that adds noise of its own; or the reverse, glaring."""
    if rng.random() < 0.3:
        gain = rng.uniform(1.5, 5.0)
        return np.clip(image * gain, 0, 255).astype(np.uint8), _ramp(gain, 1.8, 5.0)
    share, sigma = np.exp(rng.uniform(np.log(0.04), np.log(0.4))), rng.uniform(0, 6)
    drawn = image * share + sigma * rng.standard_normal(image.shape)
    contrast = image.std() * share / (1 + sigma)
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8), 1 - _ramp(contrast, 0.5, 6.0)


def noisy(image: Image, rng: np.random.Generator) -> Spoiled:
    """Grain of 15 to 80 gray levels."""
    sigma = rng.uniform(15, 80)
    drawn = image + sigma * rng.standard_normal(image.shape)
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8), _ramp(sigma, 15, 70)


def cropped(image: Image, rng: np.random.Generator) -> Spoiled:
    """A box that holds part of the face, or much else around it."""
    side = image.shape[0]
    scale = np.exp(rng.uniform(np.log(0.35), np.log(2.2)))
    shift = rng.uniform(-0.4, 0.4, 2)
    matrix = np.array([[scale, 0, 0], [0, scale, 0]])
    matrix[:, 2] = (1 - scale) * (side - 1) / 2 + shift * side
    border = cv2.BORDER_REPLICATE if rng.random() < 0.6 else cv2.BORDER_CONSTANT
    out = cv2.warpAffine(image, matrix, (side, side), borderMode=border)
    moved, zoomed = _ramp(float(np.abs(shift).max()), 0.12, 0.38), abs(np.log(scale))
    return np.asarray(out, np.uint8), max(moved, _ramp(float(zoomed), 0.25, 0.75))


WAYS: tuple[Callable[[Image, np.random.Generator], Spoiled], ...] = (
    cover,
    cover,
    cover,
    cover,
    blur_along,
    out_of_focus,
    turned,
    dark,
    noisy,
    cropped,
)


def spoil(
    images: Images, rng: np.random.Generator, *, p: float, no_face_p: float = 0.0
) -> tuple[Images, npt.NDArray[np.float32]]:
    """Spoiled copies, and how much of each one's evidence is lost (N,), 0 to 1.

    Args:
        images: Shape (N, H, W), uint8.
        rng: The same state gives the same.
        p: Share that is spoiled.
        no_face_p: Share that shows no face any more.
    """
    out, lost = images.copy(), np.zeros(len(images), np.float32)
    for n, drawn in enumerate(rng.random(len(images))):
        if drawn < no_face_p:
            out[n], lost[n] = no_face(images[n], rng), 1.0
        elif drawn < no_face_p + p:
            out[n], lost[n] = WAYS[int(rng.integers(0, len(WAYS)))](images[n], rng)
    return out, lost


def _ramp(value: float, none: float, all_: float) -> float:
    """0 up to `none`, 1 from `all_` on, and straight between."""
    return float(np.clip((value - none) / (all_ - none), 0.0, 1.0))
