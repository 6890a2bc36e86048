"""YuNet: a small convolutional detector with five landmarks (OpenCV Zoo, MIT licence)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from calmloop.base.errors import ConfigurationError
from calmloop.face_detector.arrays import Gray, cv2, np
from calmloop.face_detector.detection import Detection, DetectorBackend, Landmarks
from calmloop.face_detector.geometry import Square

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE_PX, PART_PX = 320, 160
"""The longer side at which a wide picture and a small part of one are searched."""
PART_FACE_SHARE = 0.25
"""A search whose smallest face is this large a part of the picture needs few pixels."""
OVERLAP = 0.3
MAX_FACES = 50

SIDE_PER_YUNET_SIDE = 1.06
RISE_PER_YUNET_SIDE = 0.045
"""Viola-Jones side and centre relative to the square root of YuNet's area.

Medians of 456 faces that haarcascade_frontalface_default and _alt2 found as well (two clips):
1.01 to 1.07, and 0.02 to 0.05 higher.
"""
PROFILE_OFFSET = 0.5
"""Nose this many eye distances off the eyes' midline: the nose lies under one eye."""


class YuNetSection(DetectorBackend):
    """YuNet; its model file is not part of Calmloop."""

    backend = "yunet"
    auto_rank = 1

    model: Path | None = Field(None, description="Path of face_detection_yunet_*.onnx.")
    keep_score: float = Field(0.5, ge=0.1, le=1.0, description="Score that keeps a known face.")
    sure_score: float = Field(0.75, ge=0.1, le=1.0, description="Score that makes a new face.")

    @property
    def is_set_up(self) -> bool:
        """Whether its model file is named."""
        return self.model is not None

    def load(self) -> YuNet:
        """See `DetectorBackend.load`."""
        return YuNet(self)


class YuNet:
    """OpenCV's FaceDetectorYN on a gray picture."""

    name = "yunet"
    rolls_deg: tuple[float, ...] = (0.0,)
    is_divisible = False

    def __init__(self, section: YuNetSection) -> None:
        if section.model is None:
            raise ConfigurationError(
                "face_detector.yunet.model is not set: name the file face_detection_yunet_*.onnx"
                " of the OpenCV Zoo (face_detection_yunet, MIT licence)"
            )
        self._network = _opened(section.model, section.keep_score)
        self._section = section

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        """See `Detector.detect`; every tilt is found at once."""
        longest = max(gray.shape)
        if min(gray.shape) < 2:
            return []
        wide = min_px < PART_FACE_SHARE * longest
        factor = (WHOLE_PX if wide else PART_PX) / longest
        picture = cv2.cvtColor(
            cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA),
            cv2.COLOR_GRAY2BGR,
        )
        self._network.setInputSize((picture.shape[1], picture.shape[0]))
        _, faces = self._network.detect(picture)
        if faces is None:
            return []
        found = [self._detection(face / np.float32(factor), float(face[14])) for face in faces]
        return [item for item in found if min_px <= item.square.side <= max_px]

    def _detection(self, face: NDArray[np.float32], score: float) -> Detection:
        left, top, width, height = (float(value) for value in face[:4])
        side = float(np.sqrt(max(width * height, 1.0)))
        centre_y = top + height / 2 - RISE_PER_YUNET_SIDE * side
        square = Square(left + width / 2, centre_y, SIDE_PER_YUNET_SIDE * side)
        sure = score >= self._section.sure_score
        return Detection(
            square,
            score,
            sure,
            _frontalness(face),
            _roll_deg(face),
            _landmarks(face),
        )


def _opened(model: Path, keep_score: float) -> cv2.FaceDetectorYN:
    """The network, tried on a blank picture: another network's file opens as well."""
    if not model.is_file():
        raise ConfigurationError(
            f"face_detector.yunet.model = '{model}' is not there: check the path, or leave it out"
        )
    blank = np.zeros((PART_PX, PART_PX, 3), np.uint8)
    try:
        network = cv2.FaceDetectorYN.create(
            str(model), "", (PART_PX, PART_PX), keep_score, OVERLAP, MAX_FACES
        )
        network.detect(blank)
    except cv2.error as error:
        raise ConfigurationError(
            f"face_detector.yunet.model = '{model}' ({model.stat().st_size} bytes) cannot be used"
            f" ({error.err}): it must be YuNet's own ONNX file, whole, and no Git LFS pointer;"
            " the face detector's README names it and its checksum"
        ) from error
    return network


def _frontalness(face: NDArray[np.float32]) -> float:
    """1 when the nose lies on the midline of the eyes, 0 when it lies under one of them."""
    right, left, nose = face[4:6], face[6:8], face[8:10]
    across = left - right
    eyes_apart = float(np.linalg.norm(across))
    if eyes_apart < 1.0:
        return 0.0
    offset = abs(float(np.dot(nose - (left + right) / 2, across))) / eyes_apart**2
    return max(0.0, 1.0 - offset / PROFILE_OFFSET)


def _roll_deg(face: NDArray[np.float32]) -> float:
    """Slope of the line from the eye on the picture's left to the other."""
    across, down = face[6:8] - face[4:6]
    return float(np.degrees(np.arctan2(down, across)))


def _landmarks(face: NDArray[np.float32]) -> Landmarks:
    values = face[4:14].tolist()
    return tuple(zip(values[::2], values[1::2], strict=True))
