"""Named, seeded distortions of batches of gray faces, for training and for robustness tests.

Every function takes images (N, H, W) uint8 gray and a numpy Generator and returns a new array of
the same shape and dtype. ``p`` is the share of images that change.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.training.augment.trivial_augment import trivial_augment_wide

Images = npt.NDArray[np.uint8]
Range = tuple[float, float]
Distortion = Callable[..., Images]


def flip(images: Images, rng: np.random.Generator, p: float = 0.5) -> Images:
    """Mirror left and right."""
    out = images.copy()
    chosen = rng.random(len(images)) < p
    out[chosen] = out[chosen, :, ::-1]
    return out


def jitter_crop(
    images: Images,
    rng: np.random.Generator,
    *,
    rotation_deg: float = 10.0,
    scale: Range = (0.9, 1.15),
    shift: float = 0.08,
) -> Images:
    """Turn (±degrees), scale and shift (± a share of the side), as a detector's box varies.

    Scale is drawn log-evenly; what comes into view repeats the border.
    """
    count = len(images)
    height, width = images.shape[1:]
    angles = rng.uniform(-rotation_deg, rotation_deg, count)
    scales = _log_uniform(rng, scale, count)
    reach = np.array((shift * width, shift * height))
    shifts = rng.uniform(-reach, reach, (count, 2))
    centre = ((width - 1) / 2, (height - 1) / 2)
    out = np.empty_like(images)
    for n, image in enumerate(images):
        matrix = cv2.getRotationMatrix2D(centre, angles[n], scales[n])
        matrix[:, 2] = matrix[:, 2] + shifts[n]
        cv2.warpAffine(
            image, matrix, (width, height), out[n], cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        )
    return out


def relight(
    images: Images,
    rng: np.random.Generator,
    *,
    brightness: float = 0.2,
    contrast: Range = (0.8, 1.2),
    gamma: Range = (0.8, 1.25),
    p: float = 0.8,
) -> Images:
    """Change gamma, contrast about the picture's own mean, and brightness (± a share of white)."""
    count = len(images)
    gammas = _log_uniform(rng, gamma, count).astype(np.float32)
    contrasts = rng.uniform(*contrast, count).astype(np.float32)
    offsets = rng.uniform(-brightness, brightness, count).astype(np.float32)
    chosen = rng.random(count) < p
    levels = np.arange(256, dtype=np.float32) / 255
    out = images.copy()
    for n in np.flatnonzero(chosen):
        curve = levels ** gammas[n]
        mean = curve[images[n]].mean()
        curve = (curve - mean) * contrasts[n] + mean + offsets[n]
        out[n] = (np.clip(curve, 0, 1) * 255 + 0.5).astype(np.uint8)[images[n]]
    return out


def darken(
    images: Images, rng: np.random.Generator, *, factor: Range = (0.35, 0.8), p: float = 0.1
) -> Images:
    """Dim the whole picture by a factor, as a room's light does."""
    factors = np.where(rng.random(len(images)) < p, rng.uniform(*factor, len(images)), 1.0)
    return (images * factors[:, None, None].astype(np.float32) + 0.5).astype(np.uint8)


def blur_motion(
    images: Images, rng: np.random.Generator, *, max_length_px: int = 5, p: float = 0.1
) -> Images:
    """Smear along a random straight line of 2 to ``max_length_px`` pixels."""
    out = images.copy()
    for n in np.flatnonzero(rng.random(len(images)) < p):
        length = int(rng.integers(2, max_length_px + 1))
        out[n] = cv2.filter2D(images[n], -1, line_kernel(length, rng.uniform(0, 180)))
    return out


def line_kernel(length_px: int, angle_deg: float) -> npt.NDArray[np.float32]:
    """A (k, k) float32 kernel that averages along a centred line; sums to 1, k odd."""
    side = length_px | 1
    line = np.zeros((side, side), np.float32)
    line[side // 2] = 1
    if side > length_px:
        line[side // 2, [0, -1]] = 0.5
    matrix = cv2.getRotationMatrix2D((side // 2, side // 2), angle_deg, 1)
    turned = cv2.warpAffine(line, matrix, (side, side))
    return np.asarray(turned / turned.sum(), np.float32)


def lower_resolution(
    images: Images, rng: np.random.Generator, *, smallest: float = 0.5, p: float = 0.15
) -> Images:
    """Shrink to a share of the size and back, as a small or soft face comes from a camera."""
    height, width = images.shape[1:]
    out = images.copy()
    for n in np.flatnonzero(rng.random(len(images)) < p):
        share = rng.uniform(smallest, 1)
        small = cv2.resize(
            images[n], (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA
        )
        cv2.resize(small, (width, height), out[n], interpolation=cv2.INTER_LINEAR)
    return out


def add_noise(
    images: Images, rng: np.random.Generator, *, max_sigma: float = 10.0, p: float = 0.2
) -> Images:
    """Add Gaussian noise of a random strength up to ``max_sigma`` gray levels."""
    sigma = np.where(rng.random(len(images)) < p, rng.uniform(0, max_sigma, len(images)), 0)
    noise = rng.standard_normal(images.shape, dtype=np.float32)
    noisy = images + noise * sigma[:, None, None].astype(np.float32)
    levels: Images = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return levels


def erase(
    images: Images,
    rng: np.random.Generator,
    *,
    p: float = 0.5,
    area: Range = (0.02, 0.33),
    ratio: Range = (0.3, 3.3),
    shade: int | None = None,
) -> Images:
    """Random erasing: fill one box of each chosen picture with noise, or with one shade.

    The defaults are those of Zhong et al., 2017; a box that would not fit is clipped to the side.
    """
    height, width = images.shape[1:]
    out = images.copy()
    for n in np.flatnonzero(rng.random(len(images)) < p):
        box_area = rng.uniform(*area) * height * width
        box_ratio = _log_uniform(rng, ratio, 1)[0]
        box_height = min(height, max(1, round(np.sqrt(box_area * box_ratio))))
        box_width = min(width, max(1, round(np.sqrt(box_area / box_ratio))))
        top = int(rng.integers(0, height - box_height + 1))
        left = int(rng.integers(0, width - box_width + 1))
        noise = rng.integers(0, 256, (box_height, box_width), dtype=np.uint8)
        out[n, top : top + box_height, left : left + box_width] = noise if shade is None else shade
    return out


def cutout(
    images: Images, rng: np.random.Generator, *, side_px: int = 16, p: float = 0.5
) -> Images:
    """Blacken one square whose centre lies anywhere (DeVries and Taylor, 2017), so partly outside.

    Black is also what the paper on athletes fills its erased boxes with.
    """
    height, width = images.shape[1:]
    out = images.copy()
    for n in np.flatnonzero(rng.random(len(images)) < p):
        top = int(rng.integers(0, height)) - side_px // 2
        left = int(rng.integers(0, width)) - side_px // 2
        out[n, max(0, top) : max(0, top + side_px), max(0, left) : max(0, left + side_px)] = 0
    return out


@dataclass(frozen=True)
class Augmentation:
    """The distortions of one training recipe, each at its strength; applied in a camera's order."""

    flip_p: float = 0.5
    rotation_deg: float = 10.0
    scale: Range = (0.88, 1.15)
    shift: float = 0.08
    relight_p: float = 0.8
    brightness: float = 0.2
    contrast: Range = (0.7, 1.25)
    gamma: Range = (0.8, 1.25)
    darken_p: float = 0.1
    blur_p: float = 0.1
    lower_resolution_p: float = 0.15
    noise_p: float = 0.2
    erase_p: float = 0.3
    erase_area: Range = (0.02, 0.2)
    trivial_p: float = 0.0
    cutout_p: float = 0.0
    cutout_side_px: int = 16

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Distorted copies of images (N, H, W) uint8; the same Generator state gives the same."""
        out = flip(images, rng, p=self.flip_p)
        out = jitter_crop(
            out, rng, rotation_deg=self.rotation_deg, scale=self.scale, shift=self.shift
        )
        out = relight(
            out,
            rng,
            brightness=self.brightness,
            contrast=self.contrast,
            gamma=self.gamma,
            p=self.relight_p,
        )
        out = darken(out, rng, p=self.darken_p)
        if self.trivial_p:
            out = trivial_augment_wide(out, rng, p=self.trivial_p)
        out = erase(out, rng, p=self.erase_p, area=self.erase_area)
        if self.cutout_p:
            out = cutout(out, rng, side_px=self.cutout_side_px, p=self.cutout_p)
        out = lower_resolution(out, rng, p=self.lower_resolution_p)
        out = blur_motion(out, rng, p=self.blur_p)
        return add_noise(out, rng, p=self.noise_p)


UNCHANGED = Augmentation(
    flip_p=0,
    rotation_deg=0,
    scale=(1, 1),
    shift=0,
    relight_p=0,
    darken_p=0,
    blur_p=0,
    lower_resolution_p=0,
    noise_p=0,
    erase_p=0,
)
"""Every face as it is: what the others are measured against."""


def _log_uniform(rng: np.random.Generator, bounds: Range, count: int) -> npt.NDArray[np.float64]:
    drawn: npt.NDArray[np.float64] = np.exp(
        rng.uniform(np.log(bounds[0]), np.log(bounds[1]), count)
    )
    return drawn
