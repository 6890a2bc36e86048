import numpy as np
import numpy.typing as npt
import pytest

from calmloop.training.augment.corrupt import Corruption, corrupt

Images = npt.NDArray[np.uint8]


@pytest.fixture
def gray() -> Images:
    return np.full((200, 48, 48), 128, np.uint8)


@pytest.fixture
def dots() -> Images:
    """One white dot, 14 pixels right of the middle."""
    pictures = np.zeros((40, 48, 48), np.uint8)
    pictures[:, 23:25, 37:39] = 255
    return pictures


@pytest.mark.parametrize("kind", Corruption)
def test_a_corrupted_copy_is_the_same_every_time_and_spares_its_input(kind: Corruption) -> None:
    faces = np.random.default_rng(0).integers(0, 256, (9, 48, 48), dtype=np.uint8)
    before = faces.copy()
    first, again = corrupt(faces, kind), corrupt(faces, kind)
    assert first.shape == faces.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, faces)
    assert np.array_equal(faces, before)


def test_dark_is_two_fifths_of_the_light(gray: Images) -> None:
    assert np.unique(corrupt(gray, Corruption.DARK)).tolist() == [round(0.4 * 128)]


def test_motion_blur_spreads_a_line_over_seven_pixels_and_keeps_its_light() -> None:
    line = np.zeros((1, 48, 48), np.uint8)
    line[0, 10:30, 24] = 210
    blurred = corrupt(line, Corruption.MOTION_BLUR)[0]
    assert blurred[20, 21:28].tolist() == [30] * 7
    assert blurred[20].sum() == 210


def test_occlusion_blackens_one_whole_square_anywhere(gray: Images) -> None:
    covered = corrupt(gray, Corruption.OCCLUSION) == 0
    assert (covered.sum(axis=(1, 2)) == 16 * 16).all()
    tops = covered.any(axis=2).argmax(axis=1)
    assert (tops.min(), tops.max()) == (0, 32)


def test_rotation_turns_by_fifteen_degrees_to_either_side(dots: Images) -> None:
    turned = corrupt(dots, Corruption.ROTATION).astype(float)
    rows, columns = np.indices((48, 48)) - 23.5
    light = turned.sum(axis=(1, 2))
    angles = np.degrees(
        np.arctan2((turned * rows).sum((1, 2)) / light, (turned * columns).sum((1, 2)) / light)
    )
    assert np.abs(angles) == pytest.approx(np.full(40, 15), abs=1)
    assert 8 < (angles > 0).sum() < 32


def test_noise_has_a_sigma_of_fifteen_levels(gray: Images) -> None:
    noisy = corrupt(gray, Corruption.NOISE)
    assert noisy.std() == pytest.approx(15, rel=0.02)
    assert noisy.mean() == pytest.approx(128, abs=0.2)
