"""Measures how FER-2013 frames a face compared with a Viola-Jones box.

A camera's crop must look like the pictures that the network learned from. FER-2013 faces are
already cropped, so each is enlarged into a wider canvas, searched there, and the picture's own
square is compared with the box that was found.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import cv2.data
import numpy as np
import numpy.typing as npt

from calmloop.base.errors import CalmloopError

Box = tuple[int, int, int, int]

ENLARGED_SIDE_PX = 192
CANVAS_SIDE_PX = 384
_MIN_BOX_PX = 96
"""Half of the picture: anything smaller that is found is not the face."""


class NoFaceFoundError(CalmloopError):
    """The detector finds none of the faces, so that their framing cannot be measured."""


@dataclass(frozen=True)
class Framing:
    """The square to cut around a detector's box, in shares of the box's side.

    The crop's side is ``box_scale`` times the box's; its centre lies ``dx`` to the right of and
    ``dy`` below the box's centre, both in box sides.
    """

    box_scale: float
    dx: float
    dy: float
    box_scale_quartiles: tuple[float, float]
    faces_tried: int
    faces_found: int


def measure_framing(images: npt.NDArray[np.uint8], cascade: Path | None = None) -> Framing:
    """Median framing over faces (N, H, W) uint8; those without exactly one box are left out.

    ``cascade`` defaults to OpenCV's own ``haarcascade_frontalface_default.xml``.

    Raises:
        NoFaceFoundError: not one face is found.
    """
    path = cascade or Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"
    detector = cv2.CascadeClassifier(str(path))
    boxes = [box for image in images if (box := _only_box(detector, image)) is not None]
    if not boxes:
        raise NoFaceFoundError(f"{path} finds no face in {len(images)} pictures")
    x, y, side, _ = np.array(boxes, dtype=np.float64).T
    middle = CANVAS_SIDE_PX / 2
    scales = ENLARGED_SIDE_PX / side
    low, high = np.percentile(scales, (25, 75))
    return Framing(
        box_scale=round(float(np.median(scales)), 3),
        dx=round(float(np.median((middle - (x + side / 2)) / side)), 3),
        dy=round(float(np.median((middle - (y + side / 2)) / side)), 3),
        box_scale_quartiles=(round(float(low), 3), round(float(high), 3)),
        faces_tried=len(images),
        faces_found=len(boxes),
    )


def on_canvas(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """One face enlarged in the middle of a canvas that continues its borders, blurred."""
    size = (ENLARGED_SIDE_PX, ENLARGED_SIDE_PX)
    face = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    margin = (CANVAS_SIDE_PX - ENLARGED_SIDE_PX) // 2
    canvas = cv2.copyMakeBorder(face, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    canvas = cv2.GaussianBlur(canvas, (0, 0), margin / 8)
    canvas[margin:-margin, margin:-margin] = face
    return np.asarray(canvas, np.uint8)


def _only_box(detector: cv2.CascadeClassifier, image: npt.NDArray[np.uint8]) -> Box | None:
    gray = cv2.equalizeHist(on_canvas(image))
    smallest = (_MIN_BOX_PX, _MIN_BOX_PX)
    boxes = detector.detectMultiScale(gray, scaleFactor=1.05, minNeighbors=5, minSize=smallest)
    if len(boxes) != 1:
        return None
    x, y, width, height = (int(value) for value in boxes[0])
    return x, y, width, height
