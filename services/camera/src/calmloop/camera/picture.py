"""Pictures in memory: reduced to fit, and as JPEG."""

import cv2
import numpy as np

from calmloop.camera.arrays import Picture
from calmloop.camera.choices import Rotation

MIN_SIDE_PX = 16
"""Nothing smaller can be sent: the header's bound."""
_CODES = {
    Rotation.QUARTER: cv2.ROTATE_90_CLOCKWISE,
    Rotation.HALF: cv2.ROTATE_180,
    Rotation.THREE_QUARTERS: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def turned(picture: Picture, rotation: Rotation) -> Picture:
    """The picture turned clockwise."""
    if rotation is Rotation.NONE:
        return picture
    return np.asarray(cv2.rotate(picture, _CODES[rotation]), np.uint8)


def fit(picture: Picture, width_px: int, height_px: int) -> Picture:
    """Reduces a picture to fit into a size, keeping its aspect; never enlarges it."""
    height, width = picture.shape[:2]
    scale = min(width_px / width, height_px / height)
    if scale >= 1.0:
        return picture
    size = (max(MIN_SIDE_PX, round(width * scale)), max(MIN_SIDE_PX, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def encode_jpeg(picture: Picture, quality: int) -> bytes:
    """The picture as baseline JPEG; `quality` is OpenCV's, 0 to 100."""
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()
