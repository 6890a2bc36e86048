"""Gray faces as a CLIP takes pictures."""

from typing import Any

import torch
from torch.nn import functional

from calmloop.training.data.faces import UInt8Array

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of red, green and blue: those that CLIP was trained with (Radford et al., 2021)."""


def to_pixels(images: UInt8Array, side_px: int) -> Any:
    """Faces (N, H, W) uint8 as float32 (N, 3, side, side): resized, gray thrice, normalised."""
    pixels = torch.from_numpy(images).float()[:, None] / 255
    if images.shape[1:] != (side_px, side_px):
        pixels = functional.interpolate(
            pixels, (side_px, side_px), mode="bicubic", antialias=True
        ).clamp(0, 1)
    shape = (1, 3, 1, 1)
    return (pixels - torch.tensor(MEAN).view(shape)) / torch.tensor(DEVIATION).view(shape)
