"""How much the child moves, apart from what the chair's own vibration adds."""

from itertools import cycle

import cv2
import numpy as np
import pytest

from calmloop.contract.messages.movement import NoMovementReason
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.movement import Movement, MovementReading
from calmloop.face_detector.vibration import MAX_ADDED

FPS = 15.0
NOISE_SHEETS = 17
SHAKE_HZ = 40.3
"""As the chair vibrates; at 15 pictures a second it shows as 4.7 Hz."""
HEIGHT, WIDTH = 180, 320
FACE = Square(160.0, 50.0, 40.0)
BODY = slice(75, 180), slice(100, 220)
"""The child's body, in the middle of the seat's region."""


class Scene:
    """A textured body below a face, before a still room, with a camera's noise."""

    def __init__(self, seed: int = 1, noise: float = 2.0) -> None:
        self.rng = np.random.default_rng(seed)
        self.movement = Movement()
        self.at_s = 100.0
        sheets = self.rng.standard_normal((NOISE_SHEETS, HEIGHT, WIDTH), np.float32)
        self._noise = cycle(noise * sheets)
        self._room = self._texture(HEIGHT, WIDTH)
        self._room[:, :90] = self.rng.integers(60, 190)
        self._body = self._texture(HEIGHT, WIDTH)

    def _texture(
        self, height: int, width: int
    ) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        coarse = self.rng.integers(50, 200, (height // 10, width // 10)).astype(np.float64)
        return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))

    def run(
        self,
        seconds: float,
        *,
        sway_px: float = 0.0,
        shake_px: float = 0.0,
        vibration_pct: float | None = 0.0,
        face_px_per_s: float = 0.0,
        gain: float = 1.0,
        face: Square | None = FACE,
        fps: float = FPS,
    ) -> MovementReading:
        """Sways the body slowly (the child) and shakes the camera quickly (the vibration)."""
        begin_s = self.at_s
        for _ in range(round(seconds * fps)):
            self.at_s += 1 / fps
            passed_s = self.at_s - begin_s
            sway = sway_px * np.sin(2 * np.pi * 1.3 * passed_s)
            shake = shake_px * np.sin(2 * np.pi * SHAKE_HZ * self.at_s)
            gray = self.picture(sway, shake, gain)
            shifted = face and Square(face.x + face_px_per_s * passed_s, face.y, face.side)
            self.movement.see(gray, shifted, self.at_s, vibration_pct)
        return self.reading()

    def picture(self, sway_px: float = 0.0, shake_px: float = 0.0, gain: float = 1.0) -> Gray:
        whole = self._room.copy()
        whole[BODY] = _shifted(self._body, sway_px)[BODY]
        seen = gain * _shifted(whole, shake_px) + next(self._noise)
        return np.asarray(np.clip(seen, 0, 255), np.uint8)

    def turn_away(self) -> None:
        """The camera looks elsewhere."""
        self._room, self._body = (np.flip(part).copy() for part in (self._room, self._body))

    def reading(self, later_s: float = 0.0) -> MovementReading:
        return self.movement.reading(self.at_s + later_s)


def _shifted(
    picture: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", px: float
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    move = np.array([[1.0, 0.0, px], [0.0, 1.0, 0.0]])
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(picture, move, size, borderMode=cv2.BORDER_REFLECT))


def log_energy(reading: MovementReading) -> float:
    assert reading.reason is None
    assert reading.log_energy is not None
    return reading.log_energy


def test_a_still_seat_has_no_energy_and_a_moving_child_much() -> None:
    scene = Scene()
    assert log_energy(scene.run(5.0)) < 0.1
    assert log_energy(scene.run(2.0, sway_px=4.0)) > 1.5
    assert log_energy(scene.run(3.0)) < 0.1


def test_a_child_that_moves_from_the_first_picture_on_never_becomes_the_still_seat() -> None:
    scene = Scene()
    first = log_energy(scene.run(2.0, sway_px=4.0))
    assert first > 1.5
    assert log_energy(scene.run(20.0, sway_px=4.0)) == pytest.approx(first, abs=0.15)


@pytest.mark.parametrize("fps", [8.0, 12.0, 30.0])
def test_the_rate_of_the_pictures_changes_little(fps: float) -> None:
    usual = log_energy(Scene().run(3.0, sway_px=4.0))
    assert log_energy(Scene().run(3.0, sway_px=4.0, fps=fps)) == pytest.approx(usual, abs=0.3)


def test_what_the_vibration_adds_is_taken_off_and_told() -> None:
    scene = Scene()
    scene.run(6.0)
    shaken = scene.run(10.0, shake_px=0.3, vibration_pct=60.0)
    assert 0.0003 < shaken.vibration <= MAX_ADDED
    assert log_energy(shaken) < 0.3
    alike = log_energy(scene.run(2.0, sway_px=4.0))
    both = scene.run(2.0, shake_px=0.3, vibration_pct=60.0, sway_px=4.0)
    assert log_energy(both) == pytest.approx(alike, abs=0.1)


@pytest.mark.parametrize("vibration_pct", [None, 60.0])
def test_what_the_chair_says_or_not_never_hides_a_child_that_thrashes(
    vibration_pct: float | None,
) -> None:
    scene = Scene()
    scene.run(6.0)
    truth = log_energy(scene.run(10.0, sway_px=4.0))
    told = scene.run(15.0, sway_px=4.0, vibration_pct=vibration_pct)
    assert log_energy(told) > truth - 0.1
    assert told.vibration == (0.0 if vibration_pct is None else MAX_ADDED)


def test_a_chair_that_says_another_level_each_second_has_nothing_taken_off() -> None:
    scene = Scene()
    scene.run(6.0)
    for level in range(20):
        reading = scene.run(1.0, sway_px=4.0, vibration_pct=10.0 * (level % 10))
    assert reading.vibration == 0.0


@pytest.mark.parametrize("gain", [0.4, 0.7, 1.2])
def test_light_that_changes_is_no_movement_and_changes_none(gain: float) -> None:
    scene = Scene()
    scene.run(3.0)
    moving = log_energy(scene.run(2.0, sway_px=4.0))
    scene.run(1.2)
    assert log_energy(scene.run(1.0, gain=gain)) < 0.3
    assert log_energy(scene.run(2.0, gain=gain, sway_px=4.0)) == pytest.approx(moving, abs=0.2)


@pytest.mark.parametrize("px_per_s", [0.0, 20.0])
def test_the_heads_speed_is_in_sides_of_the_face(px_per_s: float) -> None:
    reading = Scene().run(1.0, face_px_per_s=px_per_s)
    assert reading.head_speed == pytest.approx(px_per_s / FACE.side, abs=0.01)


def test_without_a_face_the_last_region_goes_on_for_ten_seconds() -> None:
    scene = Scene()
    scene.run(3.0)
    reading = scene.run(2.0, face=None, sway_px=4.0)
    assert reading.head_speed is None
    assert log_energy(reading) > 1.5
    reading = scene.run(9.0, face=None, sway_px=4.0)
    assert (reading.reason, reading.log_energy) == (NoMovementReason.NO_FACE, None)


def test_without_a_face_nothing_is_known() -> None:
    assert Scene().run(3.0, face=None).reason is NoMovementReason.NO_FACE


def test_a_face_at_the_lower_edge_leaves_the_seat_out_of_view() -> None:
    reading = Scene().run(2.0, face=Square(160, 150, 40))
    assert reading.reason is NoMovementReason.OUT_OF_VIEW
    assert reading.head_speed == 0.0


def test_pictures_that_are_absent_or_far_apart_say_nothing() -> None:
    scene = Scene()
    scene.run(2.0)
    assert scene.reading(later_s=0.4).reason is None
    assert scene.reading(later_s=0.6).reason is NoMovementReason.NO_PICTURE
    assert scene.run(5.0, fps=1.5).reason is NoMovementReason.STARTING
    assert Movement().reading(5.0).reason is NoMovementReason.NO_PICTURE


def test_a_frozen_picture_is_not_a_still_child() -> None:
    scene = Scene()
    scene.run(2.0, sway_px=4.0)
    frozen = scene.picture()
    for _ in range(20):
        scene.at_s += 1 / FPS
        scene.movement.see(frozen, FACE, scene.at_s, 0.0)
        reading = scene.reading()
        assert reading.reason or log_energy(reading) > 1.0
    assert reading.reason is NoMovementReason.FROZEN
    assert reading.head_speed is None
    assert log_energy(scene.run(1.0)) < 0.5


@pytest.mark.parametrize(
    ("gain", "reason"), [(0.05, NoMovementReason.TOO_DARK), (60.0, NoMovementReason.TOO_BRIGHT)]
)
def test_a_dark_or_blinded_camera_says_nothing(gain: float, reason: NoMovementReason) -> None:
    reading = Scene().run(3.0, gain=gain)
    assert (reading.reason, reading.log_energy, reading.head_speed) == (reason, None, None)


def test_a_seat_that_is_lost_in_the_noise_is_not_still() -> None:
    assert Scene(noise=25.0).run(3.0, gain=0.25).reason is NoMovementReason.NO_CONTRAST


def test_a_camera_that_jumps_is_unknown_for_a_second() -> None:
    scene = Scene()
    scene.run(3.0)
    scene.turn_away()
    assert scene.run(1 / FPS).reason is NoMovementReason.JUMPED
    assert scene.run(0.8).reason is NoMovementReason.JUMPED
    assert log_energy(scene.run(1.0)) < 0.1


def test_a_flood_of_pictures_is_measured_and_no_more_of_them_is_kept() -> None:
    scene = Scene()
    assert log_energy(scene.run(1.0, fps=1000.0)) < 0.1
    assert log_energy(scene.run(1.0, fps=1000.0, sway_px=4.0)) > 1.5
    assert len(scene.movement._held) <= 16
    assert len(scene.movement._changes) <= 64


def test_other_sizes_and_a_clock_that_goes_back_begin_anew() -> None:
    scene = Scene()
    scene.run(2.0)
    small = np.full((16, 2000), 90, np.uint8)
    scene.movement.see(small, Square(20.0, 8.0, 12.0), scene.at_s + 0.1, 0.0)
    assert scene.reading(0.1).reason is not None
    scene.at_s = 3.0
    assert log_energy(scene.run(1.0)) < 0.5
