"""Shows every detector the same pictures, one after another, and counts what each finds."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import torch

from calmloop.face_detector import Detection, Detector, FaceDetectorSection, Square, load_detector
from calmloop.papers.detectors.mtcnn import Mtcnn
from calmloop.papers.detectors.pictures import HEIGHT_PX, Row, ShownPicture

FOUND_IOU = 0.5
"""Overlap from which on a detector's square is that of the face, as in Pascal VOC."""
SMALLEST_PX = 20
"""Side of the smallest face that is searched for: the cascade's own window."""


@dataclass(frozen=True)
class Contender:
    """A detector, and the tilts that it is asked for."""

    name: str
    detector: Detector
    rolls_deg: tuple[float, ...]

    def faces(self, picture: ShownPicture) -> list[Detection]:
        """What it would begin to follow in the product."""
        searches = (
            self.detector.detect(picture.gray, SMALLEST_PX, HEIGHT_PX, roll_deg)
            for roll_deg in self.rolls_deg
        )
        return [face for search in searches for face in search if face.sure]


@dataclass
class Count:
    """Of one contender and one row.

    Attributes:
        pictures: How many were looked at.
        seen: In how many any face was named.
        found: In how many the true face was.
        overlaps: Intersection over union of each that was found.
    """

    pictures: int = 0
    seen: int = 0
    found: int = 0
    overlaps: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """What was counted for each contender and row, and each contender's CPU times in ms."""

    counts: Mapping[str, Mapping[Row, Count]]
    times_ms: Mapping[str, list[float]]


def contenders(yunet: Path | None) -> list[Contender]:
    """The cascade upright and with its tilts, YuNet where its file is named, and MTCNN.

    Raises:
        ConfigurationError: the file is not YuNet's.
    """
    cascade = load_detector(FaceDetectorSection.model_validate({"backend": "viola-jones"}))
    several = [
        Contender("Viola-Jones", cascade, cascade.rolls_deg[:1]),
        Contender("Viola-Jones, 3 tilts", cascade, cascade.rolls_deg),
    ]
    if yunet is not None:
        section = {"backend": "yunet", "yunet": {"model": yunet}}
        network = load_detector(FaceDetectorSection.model_validate(section))
        several.append(Contender("YuNet", network, network.rolls_deg))
    mtcnn = Mtcnn()
    return [*several, Contender("MTCNN", mtcnn, mtcnn.rolls_deg)]


def compare(several: Iterable[Contender], pictures: Iterable[ShownPicture]) -> Comparison:
    """Looks at each picture with one detector after the other, each on one thread."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    several = list(several)
    counts: dict[str, dict[Row, Count]] = {one.name: {} for one in several}
    times_ms: dict[str, list[float]] = {one.name: [] for one in several}
    for picture in pictures:
        for one in several:
            started_s = time.process_time()
            faces = one.faces(picture)
            times_ms[one.name].append(1000 * (time.process_time() - started_s))
            count = counts[one.name].setdefault((picture.series, picture.value), Count())
            _add(count, faces, picture.face)
    return Comparison(counts, times_ms)


def _add(count: Count, faces: list[Detection], truth: Square | None) -> None:
    count.pictures += 1
    count.seen += bool(faces)
    if truth is None:
        return
    best = max((overlap(face.square, truth) for face in faces), default=0.0)
    if best >= FOUND_IOU:
        count.found += 1
        count.overlaps.append(best)


def overlap(one: Square, other: Square) -> float:
    """Intersection over union of two squares, 0 to 1."""
    across, down = (
        max(0.0, min(a + one.side, b + other.side) - max(a, b))
        for a, b in ((one.left, other.left), (one.top, other.top))
    )
    return across * down / (one.side**2 + other.side**2 - across * down)
