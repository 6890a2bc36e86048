"""The bounds of a readable face."""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.contract.messages.face import FaceQuality, NoFaceReason
from calmloop.face_detector import quality
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.settings import QualitySection

GOOD = FaceQuality(size_px=100, sharpness=500, brightness=120, frontalness=0.9)
BOUNDS = QualitySection()


def test_a_good_face_has_no_fault() -> None:
    assert quality.fault(GOOD, BOUNDS) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"size_px": BOUNDS.min_size_px - 1}, NoFaceReason.TOO_SMALL),
        ({"sharpness": BOUNDS.min_sharpness - 1}, NoFaceReason.TOO_BLURRED),
        (
            {"directional_sharpness": BOUNDS.min_directional_sharpness - 1},
            NoFaceReason.TOO_BLURRED,
        ),
        ({"brightness": BOUNDS.min_brightness - 1}, NoFaceReason.TOO_DARK),
        ({"brightness": BOUNDS.max_brightness + 1}, NoFaceReason.TOO_BRIGHT),
        ({"frontalness": BOUNDS.min_frontalness - 0.05}, NoFaceReason.NOT_FRONTAL),
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


def faces(shared_dir: Path, sheet: str) -> list[Gray]:
    """The faces of one sheet of FER-2013."""
    picture = cv2.imread(str(shared_dir / "data/fer2013/sheets" / sheet), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    tiles = picture.reshape(40, 48, 40, 48).transpose(0, 2, 1, 3).reshape(-1, 48, 48)
    return [np.asarray(tile, np.uint8) for tile in tiles]


def moved(face: Gray, length_px: int, direction_deg: float) -> Gray:
    """The face as if it had moved while the shutter was open."""
    line = np.zeros((length_px, length_px), np.float32)
    line[length_px // 2] = 1
    turn = cv2.getRotationMatrix2D((length_px // 2, length_px // 2), direction_deg, 1.0)
    kernel = cv2.warpAffine(line, turn, (length_px, length_px))
    blurred = cv2.filter2D(face, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.uint8)


def refused(pictures: Iterable[Gray]) -> float:
    """Percentage that is not read."""
    faults = [quality.fault(quality.measure(face, 48, 1.0), BOUNDS) for face in pictures]
    return 100 * sum(fault is not None for fault in faults) / len(faults)


def test_the_faces_that_the_network_learnt_from_are_readable(shared_dir: Path) -> None:
    assert refused(faces(shared_dir, "00.png")) <= 1.0


@pytest.mark.parametrize(("length_px", "at_least"), [(7, 97.0), (11, 99.0), (15, 99.0)])
def test_a_face_that_moved_while_the_shutter_was_open_is_not_read(
    length_px: int, at_least: float, shared_dir: Path, measured: Callable[[str], None]
) -> None:
    sharp = faces(shared_dir, "00.png")
    directions = np.random.default_rng(1).uniform(0, 180, len(sharp))
    share = refused(
        moved(face, length_px, direction) for face, direction in zip(sharp, directions, strict=True)
    )
    measured(
        f"faces moved by {length_px} px of 48: {share:.1f} % refused; sharp: {refused(sharp):.1f} %"
    )
    assert share >= at_least
