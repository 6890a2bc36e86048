"""Frames: how coarsely they are decoded, and what a crop of one holds."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmloop.base.errors import PayloadError
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.frame import JpegFrame
from calmloop.face_detector.geometry import Square


def ramp(height: int = 480, width: int = 640) -> Gray:
    """Gray rises with the column, so that a crop's levels tell where it was cut."""
    row = np.linspace(0, 255, width).astype(np.uint8)
    return np.tile(row, (height, 1))


def jpeg(picture: Gray) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


@pytest.mark.parametrize(
    ("height", "reduction"), [(120, 1), (240, 1), (360, 2), (480, 2), (720, 4), (1440, 8)]
)
def test_a_frame_is_decoded_no_finer_than_needed(height: int, reduction: int) -> None:
    gray, factor = JpegFrame(jpeg(ramp(height, 200)), height).reduced_to(180)
    assert factor == reduction
    assert gray.shape[0] == height // reduction


@pytest.mark.parametrize("side", [30.0, 60.0, 100.0, 200.0, 400.0])
def test_a_crop_shows_its_square_whatever_size_it_was_decoded_at(side: float) -> None:
    crop = JpegFrame(jpeg(ramp()), 480).crop(Square(320.0, 240.0, side), 48)
    assert crop.shape == (48, 48)
    expected = 255 / 639 * (320 - side / 2 + (np.arange(48) + 0.5) * side / 48 - 0.5)
    assert np.abs(crop.mean(axis=0) - expected).max() < 2.0


def test_a_crop_follows_a_shift_of_less_than_a_pixel() -> None:
    edge = np.tile(np.clip(np.arange(640) * 6.0 - 1800, 0, 255).astype(np.uint8), (480, 1))
    frame = JpegFrame(jpeg(edge), 480)
    means = [float(frame.crop(Square(320 + n / 4, 240, 96), 48).mean()) for n in range(9)]
    assert np.all(np.diff(means) > 0.2)


@pytest.mark.parametrize("roll_deg", [-20.0, 10.0, 45.0])
def test_a_tilted_square_stands_upright_in_its_crop(roll_deg: float) -> None:
    turn = cv2.getRotationMatrix2D((320, 240), -roll_deg, 1.0)
    tilted = np.asarray(cv2.warpAffine(ramp(), turn, (640, 480)), np.uint8)
    crop = JpegFrame(jpeg(tilted), 480).crop(Square(320.0, 240.0, 150.0), 48, roll_deg)
    upright = JpegFrame(jpeg(ramp()), 480).crop(Square(320.0, 240.0, 150.0), 48)
    assert np.abs(crop.astype(int) - upright).max() <= 3


def test_a_crop_beyond_the_edge_repeats_the_edge() -> None:
    crop = JpegFrame(jpeg(ramp()), 480).crop(Square(639.0, 240.0, 100.0), 48)
    assert crop[:, 26:].min() >= 250


@pytest.mark.parametrize("data", [b"", b"not a picture", jpeg(ramp())[:200]])
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(PayloadError, match="not a picture"):
        JpegFrame(data, 480).reduced_to(180)


@given(st.binary(max_size=400))
def test_garbage_never_does_worse_than_be_refused(data: bytes) -> None:
    with pytest.raises(PayloadError):
        JpegFrame(b"\xff\xd8" + data, 480).reduced_to(180)
