"""Whether a face can be read: size, sharpness, brightness and frontalness within bounds."""

import cv2
import numpy as np

from calmloop.contract.messages.face import FaceQuality, NoFaceReason
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.settings import QualitySection

MEASURED_AT_PX = 48
"""Sharpness depends on scale; this is the side of FER-2013's faces, where its bound was found."""

ACROSS = np.array([[1, -2, 1]], np.float32)
MIXED = np.array([[1, 0, -1], [0, 0, 0], [-1, 0, 1]], np.float32) / 4
"""Second derivatives of a picture by central differences."""
DIRECTIONS = np.radians(np.arange(0.0, 180.0, 22.5))


def measure(crop: Gray, size_px: float, frontalness: float) -> FaceQuality:
    """Measures a face.

    Args:
        crop: The face, shape (n, n), uint8.
        size_px: Width of the face's square in frame pixels.
        frontalness: As the detector told, 0 to 1.
    """
    side = (MEASURED_AT_PX, MEASURED_AT_PX)
    resized = crop if crop.shape == side else cv2.resize(crop, side, interpolation=cv2.INTER_AREA)
    small = np.asarray(resized, np.uint8)
    laplacian = cv2.Laplacian(small, cv2.CV_32F)
    return FaceQuality(
        size_px=round(size_px, 1),
        sharpness=round(float(laplacian.var()), 1),
        directional_sharpness=round(_directional_sharpness(small), 1),
        brightness=round(float(np.mean(small)), 1),
        frontalness=round(frontalness, 3),
    )


def fault(quality: FaceQuality, bounds: QualitySection) -> NoFaceReason | None:
    """Why a face of this quality is not read, or None."""
    if quality.size_px < bounds.min_size_px:
        return NoFaceReason.TOO_SMALL
    if quality.brightness < bounds.min_brightness:
        return NoFaceReason.TOO_DARK
    if quality.brightness > bounds.max_brightness:
        return NoFaceReason.TOO_BRIGHT
    if quality.frontalness < bounds.min_frontalness:
        return NoFaceReason.NOT_FRONTAL
    along = quality.directional_sharpness
    moved = along is not None and along < bounds.min_directional_sharpness
    if moved or quality.sharpness < bounds.min_sharpness:
        return NoFaceReason.TOO_BLURRED
    return None


def _directional_sharpness(gray: Gray) -> float:
    """Mean square of the second derivative along the direction in which that is least.

    Motion wipes out detail along its own direction alone, so that a face that has moved keeps much
    of its variance of the Laplacian.
    """
    kernels = (ACROSS, ACROSS.T, MIXED)
    derivatives = [cv2.filter2D(gray, cv2.CV_32F, kernel).ravel() for kernel in kernels]
    stacked = np.stack(derivatives)
    moments = stacked @ stacked.T / gray.size
    cos, sin = np.cos(DIRECTIONS), np.sin(DIRECTIONS)
    along = np.stack([cos**2, sin**2, 2 * cos * sin])
    return float(np.einsum("id,ij,jd->d", along, moments, along).min())
