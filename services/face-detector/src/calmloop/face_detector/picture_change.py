"""What has changed between two pictures of one camera: in a region, and in the whole of it.

A change is a share of the region's contrast: 1 - r2, with r the correlation of the region in the
two pictures. Light that grows or fades, an exposure that adapts and a gain leave it as it is.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.geometry import Region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Coarse = NDArray[np.float32]
    """A picture of COARSE_PX rows: fine enough for a hand, too coarse for a pixel's noise."""

COARSE_PX = 48
MAX_WIDTH_PX = 4 * COARSE_PX

STILL_SHARE = 0.25
"""At least this part of a picture stands still; its change is noise."""
NORMAL_AT_STILL_SHARE = 0.3186
"""|x| below which that part of a normal distribution lies, in standard deviations."""

JUMP_ENERGY = 0.85
"""More than this share of the whole picture's contrast is new, ..."""
JUMP_PART = 0.35
"""... and this part of its pixels changed by half a standard deviation: the camera was moved, or
the source was cut. Cuts between three clips gave at least 0.90 and 0.57; a clip of a person who
moves before a camera that pans, 0.90 and 0.25 where it was not cut."""

MIN_VARIANCE = 1e-3


@dataclass(frozen=True)
class PictureChange:
    """What is different in a picture.

    Attributes:
        energy: Share of the region's contrast that is new, 0 to 1; the camera's noise is in it.
        noise: The part of it that is the camera's noise, as far as the stillest cells tell.
        same: Not one cell of the region differs: it is the same picture once more.
        jumped: Nearly all of the whole picture has changed.
    """

    energy: float
    noise: float
    same: bool
    jumped: bool


def coarse(gray: Gray) -> "Coarse":
    """A picture as it is compared, shape (COARSE_PX, width)."""
    height, width = gray.shape
    wide = min(MAX_WIDTH_PX, max(1, round(COARSE_PX * width / height)))
    # Halving costs a fifth of what a factor that is no whole number does.
    while gray.shape[0] >= 2 * COARSE_PX and gray.shape[1] >= 2 * wide:
        half = (gray.shape[1] // 2, gray.shape[0] // 2)
        gray = np.asarray(cv2.resize(gray, half, interpolation=cv2.INTER_AREA), np.uint8)
    small = cv2.resize(gray.astype(np.float32), (wide, COARSE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def compare(new: "Coarse", old: "Coarse", region: Region) -> PictureChange:
    """What changed in `region` from one picture to another of the same shape."""
    whole, residual = _explained(new, old)
    size = np.abs(residual).ravel()
    quantile = int(STILL_SHARE * size.size)
    sigma = float(np.partition(size, quantile)[quantile]) / NORMAL_AT_STILL_SHARE
    here, there = _cut(new, region), _cut(old, region)
    variance, change = _explained(here, there)
    spread = whole**0.5
    return PictureChange(
        energy=min(1.0, _power(change) / variance),
        noise=min(1.0, sigma**2 / variance),
        same=bool(np.array_equal(here, there)),
        jumped=_power(residual) > JUMP_ENERGY * whole
        and int(np.count_nonzero(size > spread / 2)) > JUMP_PART * size.size,
    )


def contrast(picture: "Coarse", region: Region) -> float:
    """Standard deviation of the region's gray levels."""
    return float(_cut(picture, region).std())


def _cut(picture: "Coarse", region: Region) -> "Coarse":
    return picture[region.top : region.bottom, region.left : region.right]


def _explained(new: "Coarse", old: "Coarse") -> "tuple[float, Coarse]":
    """Variance of `new`, and what of it no gain and offset of `old` explain (least squares)."""
    before, after = old - old.mean(), new - new.mean()
    power = _power(before)
    gain = float(np.vdot(before, after)) / before.size / power if power > MIN_VARIANCE else 0.0
    return max(MIN_VARIANCE, _power(after)), np.asarray(after - gain * before, np.float32)


def _power(deviation: "Coarse") -> float:
    return float(np.vdot(deviation, deviation)) / deviation.size
