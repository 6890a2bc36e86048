"""Pictures are reduced to fit, never enlarged; a stuck picture is told from a still child."""

import cv2
import numpy as np
import pytest

from calmloop.camera.arrays import Picture
from calmloop.camera.picture import encode_jpeg, fit
from calmloop.camera.stillness import Stillness


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1920, 1080), (640, 360)),
        ((1080, 1920), (270, 480)),
        ((640, 480), (640, 480)),
        ((320, 240), (320, 240)),
        ((4000, 17), (640, 16)),
    ],
)
def test_a_picture_is_reduced_to_fit_with_its_aspect_kept(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    height, width = fit(picture, 640, 480).shape[:2]
    assert (width, height) == expected


def test_a_jpeg_decodes_to_the_picture_in_bgr() -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:] = (200, 40, 10)
    decoded = cv2.imdecode(np.frombuffer(encode_jpeg(picture, 90), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert np.abs(decoded.astype(int) - picture).max() < 12


def sensor_picture(rng: np.random.Generator, noise: float) -> Picture:
    return np.clip(60 + rng.normal(0, noise, (480, 640, 3)), 0, 255).astype(np.uint8)


def test_noise_of_a_sensor_in_the_dark_is_not_frozen() -> None:
    rng = np.random.default_rng(1)
    still = Stillness(2.0)
    assert not any(still.is_frozen(sensor_picture(rng, 1.2), n * 10**8) for n in range(60))


@pytest.mark.parametrize("rounding", [0, 1])
def test_a_stuck_picture_is_frozen_also_when_its_rounding_differs(rounding: int) -> None:
    rng = np.random.default_rng(1)
    picture = sensor_picture(rng, 20.0)
    still = Stillness(2.0)
    verdicts = []
    for n in range(40):
        change = rng.integers(0, rounding + 1, picture.shape, np.uint8)
        verdicts.append(still.is_frozen(np.asarray(cv2.add(picture, change), np.uint8), n * 10**8))
    assert verdicts.index(True) == 20


def test_one_changed_picture_starts_the_count_again() -> None:
    still = Stillness(2.0)
    dark, bright = np.full((2, 100, 100, 3), [[[[10]]], [[[90]]]], np.uint8)
    assert not still.is_frozen(dark, 0)
    assert not still.is_frozen(bright, 1_900_000_000)
    assert not still.is_frozen(bright, 3_000_000_000)
    assert still.is_frozen(bright, 3_900_000_000)
