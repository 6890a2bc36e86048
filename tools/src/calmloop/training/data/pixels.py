"""How gray pixels become the network's input: the one place that says so."""

import numpy as np
import numpy.typing as npt

PIXEL_SCALE = 1 / 128
PIXEL_OFFSET = -1.0
"""real = pixel / 128 - 1. Quantised with scale 1/128 and zero point 0 the int8 value is exactly
pixel - 128, so that a picture enters the int8 network without any rounding."""


def to_real(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Faces (N, H, W) uint8 as (N, H, W, 1) float32 in -1 to 1."""
    return (images[..., None] * np.float32(PIXEL_SCALE) + np.float32(PIXEL_OFFSET)).astype(
        np.float32
    )
