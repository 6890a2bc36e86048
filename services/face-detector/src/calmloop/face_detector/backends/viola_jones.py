"""Viola-Jones: OpenCV's cascades of boosted Haar features, as in the main paper."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from calmloop.base.errors import ConfigurationError
from calmloop.face_detector.arrays import Gray, cv2, np
from calmloop.face_detector.detection import Detection, DetectorBackend
from calmloop.face_detector.geometry import Square

FRONTAL_NEIGHBOURS = 2.0
"""This many times the neighbours of a sure face count as fully frontal."""
MIN_CONTRAST = 10.0
"""Least standard deviation of a face's gray levels: 99.9 % of FER-2013's faces have 19.8 or more.
Equalising stretches the noise of a blank wall or a dark curtain into patterns that pass."""

TILT_DEG = 22.0
"""The cascades find heads tilted by 12 degrees at least; so this tilt reaches to 34."""
TILTED_NEIGHBOURS = 2
"""A tilted face needs this many times the neighbours: chance patterns have more ways to pass."""


class Cascade(StrEnum):
    """The frontal-face cascades that come with OpenCV 4."""

    ALT2 = "frontalface_alt2"
    ALT = "frontalface_alt"
    DEFAULT = "frontalface_default"


class ViolaJonesSection(DetectorBackend):
    """Viola-Jones. With `frontalface_default` raise both neighbour bounds: it errs more."""

    backend = "viola-jones"
    auto_rank = 2

    cascade: Cascade = Field(Cascade.ALT2, description="Of those that come with OpenCV.")
    scale_factor: float = Field(1.1, ge=1.02, le=1.5, description="Between one size and the next.")
    keep_neighbours: int = Field(2, ge=1, le=20, description="Windows that keep a known face.")
    sure_neighbours: int = Field(4, ge=1, le=40, description="Windows that make a new face.")

    def load(self) -> "ViolaJones":
        """See `DetectorBackend.load`."""
        return ViolaJones(self)


class ViolaJones:
    """A frontal-face cascade on the equalised gray picture.

    A face is hit by many overlapping windows, a chance pattern by few: the number of these
    neighbours is the score, and since the cascade was trained on frontal faces, it is also all
    that it can tell of frontalness.
    """

    is_divisible = True

    def __init__(self, section: ViolaJonesSection) -> None:
        path = Path(cv2.__file__).parent / "data" / f"haarcascade_{section.cascade}.xml"
        self._cascade = cv2.CascadeClassifier(str(path))
        if self._cascade.empty():
            raise ConfigurationError(
                f"face_detector.viola_jones.cascade = '{section.cascade}': {path} cannot be"
                " loaded: reinstall opencv-python-headless (4.x; version 5 has no cascades)"
            )
        self._section = section
        self.rolls_deg: tuple[float, ...] = (0.0, TILT_DEG, -TILT_DEG)
        self.name = f"viola-jones/{section.cascade}"

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        """See `Detector.detect`."""
        width, height = self._cascade.getOriginalWindowSize()
        if gray.shape[0] < height or gray.shape[1] < width or max_px < width:
            return []
        upright, back = _turned(gray, roll_deg)
        boxes, neighbours = self._cascade.detectMultiScale2(
            cv2.equalizeHist(upright),
            scaleFactor=self._section.scale_factor,
            minNeighbors=self._section.keep_neighbours,
            minSize=(round(min_px),) * 2,
            maxSize=(round(max_px),) * 2,
        )
        return [
            self._detection(back(box), int(count), roll_deg)
            for box, count in zip(boxes, np.ravel(neighbours), strict=True)
            if _contrast(upright, box) >= MIN_CONTRAST
        ]

    def _detection(self, square: Square, neighbours: int, roll_deg: float) -> Detection:
        sure = self._section.sure_neighbours * (TILTED_NEIGHBOURS if roll_deg else 1)
        return Detection(
            square,
            score=neighbours / (neighbours + sure),
            sure=neighbours >= sure,
            frontalness=min(1.0, neighbours / (FRONTAL_NEIGHBOURS * sure)),
            roll_deg=roll_deg,
        )


def _turned(gray: Gray, roll_deg: float) -> tuple[Gray, Callable[[Sequence[int]], Square]]:
    """The picture with heads of that tilt upright, and the way back from a box in it."""
    if roll_deg == 0.0:
        return gray, _square
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), roll_deg, 1.0)
    upright = cv2.warpAffine(gray, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    back = cv2.invertAffineTransform(turn)

    def tilted(box: Sequence[int]) -> Square:
        square = _square(box)
        x, y = back @ (square.x, square.y, 1.0)
        return Square(float(x), float(y), square.side)

    return np.asarray(upright, np.uint8), tilted


def _square(box: Sequence[int]) -> Square:
    left, top, side, _ = (float(value) for value in box)
    return Square(left + side / 2, top + side / 2, side)


def _contrast(gray: Gray, box: Sequence[int]) -> float:
    left, top, width, height = box
    return float(gray[top : top + height, left : left + width].std())
