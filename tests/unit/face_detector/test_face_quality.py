"""The bounds of a readable face."""

import cv2
import numpy as np
import pytest

from calmloop.face_detector import quality
from calmloop.face_detector.settings import QualitySection
from calmloop.messages.face import FaceQuality, NoFaceReason

GOOD = FaceQuality(size_px=100, sharpness=500, brightness=120, frontalness=0.9)
BOUNDS = QualitySection()


def test_a_good_face_has_no_fault() -> None:
    assert quality.fault(GOOD, BOUNDS) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"size_px": BOUNDS.smallest_px - 1}, NoFaceReason.TOO_SMALL),
        ({"sharpness": BOUNDS.least_sharpness - 1}, NoFaceReason.TOO_BLURRED),
        ({"brightness": BOUNDS.darkest - 1}, NoFaceReason.TOO_DARK),
        ({"brightness": BOUNDS.brightest + 1}, NoFaceReason.TOO_BRIGHT),
        ({"frontalness": BOUNDS.least_frontalness - 0.05}, NoFaceReason.NOT_FRONTAL),
    ],
)
def test_each_fault_has_its_own_reason(change: dict[str, float], reason: NoFaceReason) -> None:
    assert quality.fault(GOOD.model_copy(update=change), BOUNDS) is reason


@pytest.mark.parametrize("size_px", [48, 96])
def test_blur_lowers_the_sharpness_at_any_crop_size(size_px: int) -> None:
    rng = np.random.default_rng(1)
    coarse = rng.integers(40, 215, (12, 12), dtype=np.uint8)
    crop = np.asarray(cv2.resize(coarse, (size_px, size_px)), np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(crop, (0, 0), size_px / 12), np.uint8)
    sharp, soft = (quality.measure(picture, 100, 1.0) for picture in (crop, blurred))
    assert sharp.sharpness > 5 * soft.sharpness
    assert sharp.brightness == pytest.approx(soft.brightness, abs=3)


def test_the_faces_that_the_network_learnt_from_are_readable(shared_dir: object) -> None:
    sheet = cv2.imread(f"{shared_dir}/data/fer2013/sheets/00.png", cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    faces = sheet.reshape(40, 48, 40, 48).transpose(0, 2, 1, 3).reshape(-1, 48, 48)
    faults = [
        quality.fault(quality.measure(np.asarray(f, np.uint8), 48, 1.0), BOUNDS) for f in faces
    ]
    assert sum(fault is not None for fault in faults) <= 0.01 * len(faces)
