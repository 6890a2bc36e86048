"""How well faces are found, and how often what is found is called right."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torchvision.ops import box_iou

from calmloop.papers.frcnn.pictures import LabelledPicture, to_input

FOUND_IOU = 0.5
"""Overlap from which on a box counts as that face's, as in Pascal VOC."""
SURE = 0.5
"""Score from which on a box where no face is counts as a false face."""


@dataclass(frozen=True)
class Score:
    """Of pictures that were held out.

    Attributes:
        accuracy: Of all faces those that were found and called right: a missed one is wrong.
        found: Of all faces those with a box that overlaps enough.
        called: Of the faces found those called right.
        overlap: Mean intersection over union of the faces found.
        false_faces: Boxes where no face is, a picture.
        time_ms: Median for a picture.
    """

    accuracy: float
    found: float
    called: float
    overlap: float
    false_faces: float
    time_ms: float


def measure(detector: Any, pictures: Sequence[LabelledPicture]) -> Score:
    """Looks at each picture by itself, as a camera's would be."""
    detector.eval()
    faces = found = right = false = 0
    overlap = 0.0
    times_ms = []
    with torch.no_grad():
        for picture in pictures:
            started_s = time.perf_counter()
            (seen,) = detector([to_input(picture)])
            times_ms.append(1000 * (time.perf_counter() - started_s))
            one = _counted(seen, picture)
            faces += len(picture.groups)
            found, right, false = found + one[0], right + one[1], false + one[2]
            overlap += one[3]
    return Score(
        right / max(1, faces),
        found / max(1, faces),
        right / max(1, found),
        overlap / max(1, found),
        false / max(1, len(pictures)),
        sorted(times_ms)[len(times_ms) // 2],
    )


def _counted(seen: Any, picture: LabelledPicture) -> tuple[int, int, int, float]:
    """Faces found, called right, false ones, and the sum of the overlaps.

    The boxes come by falling score: the first that overlaps a face enough says what it is.
    """
    boxes, labels, scores = seen["boxes"], seen["labels"], seen["scores"]
    overlaps = box_iou(boxes, torch.from_numpy(picture.boxes).reshape(-1, 4))
    found, right, overlap = 0, 0, 0.0
    for face, group in enumerate(picture.groups.tolist()):
        (near,) = torch.where(overlaps[:, face] >= FOUND_IOU)
        if len(near):
            found += 1
            right += int(labels[near[0]] == group + 1)
            overlap += float(overlaps[near[0], face])
    nowhere = (overlaps < FOUND_IOU).all(dim=1)
    return found, right, int((nowhere & (scores >= SURE)).sum()), overlap


def mean_and_deviation(values: Iterable[float]) -> tuple[float, float]:
    """Over folds; the deviation is the sample's, 0 of a single one."""
    given = torch.tensor(list(values), dtype=torch.float64)
    deviation = float(given.std()) if len(given) > 1 else 0.0
    return float(given.mean()), deviation
