"""Scenes whose one face a small detector reads rightly, as a camera would show them."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from calmloop.contract.messages.emotion import GROUPS, Label
from calmloop.emotion_classifier import ModelCalibration
from calmloop.face_detector import FaceDetectorSection, FaceReader, Finding
from calmloop.papers.frcnn.pictures import LabelledPicture
from calmloop.papers.frcnn.stage import FasterRcnnFaces, GroupedDetection, read_groups
from calmloop.papers.frcnn.train import load_trained
from tests.papers.drawn_detector import DrawnRun

ENLARGED = 4
"""A face of a scene then has the 48 pixels that it takes to be read."""
BOUND = 0.4
CALIBRATION = ModelCalibration(1.0, BOUND, BOUND)
LOOKS = 6
TRIED = 20
"""Scenes among which a steady one is looked for."""


def jpeg(pixels: Any) -> bytes:
    large = cv2.resize(pixels, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    return bytes(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 95])[1])


def read_alone(network: Any, pictures: Sequence[Any]) -> list[Finding]:
    """The stage's cores without a bus: what is found in each of some pictures."""
    reader = FaceReader(FasterRcnnFaces(network), FaceDetectorSection())
    height_px = ENLARGED * pictures[0].shape[0]
    return [reader.read(jpeg(one), height_px, n / 10) for n, one in enumerate(pictures)]


def label_of(found: Finding) -> Label | None:
    """What may be said of the face, if there is one that can be read."""
    if found.reason or not isinstance(found.detection, GroupedDetection):
        return None
    return read_groups(found.detection.groups, CALIBRATION).label


def shifted(picture: LabelledPicture, count: int) -> list[Any]:
    """The scene again and again, moved a little each time."""
    height, width = picture.pixels.shape[:2]
    moves = [
        np.array([[1, 0, np.sin(n / 3)], [0, 1, np.cos(n / 4)]], np.float32) for n in range(count)
    ]
    return [
        cv2.warpAffine(picture.pixels, one, (width, height), borderMode=cv2.BORDER_REPLICATE)
        for one in moves
    ]


def find_legible(run: DrawnRun) -> LabelledPicture:
    """The first held-out scene whose one face the network reads rightly."""
    network = load_trained(run.folder)
    for picture in run.held_out:
        if len(picture.groups) == 1:
            truth = list(GROUPS)[int(picture.groups[0])]
            if label_of(read_alone(network, [picture.pixels] * LOOKS)[-1]) is truth:
                return picture
    raise AssertionError("the trained network reads none of the scenes rightly")


def find_steady(run: DrawnRun, count: int) -> list[Any]:
    """The scene of one face, moved, whose pictures the network sees as one face most often."""
    network = load_trained(run.folder)
    single = [picture for picture in run.held_out if len(picture.groups) == 1]
    moving = [shifted(picture, count) for picture in single[:TRIED]]

    def usable(pictures: list[Any]) -> int:
        return sum(found.reason is None for found in read_alone(network, pictures[:LOOKS]))

    return max(moving, key=usable)
