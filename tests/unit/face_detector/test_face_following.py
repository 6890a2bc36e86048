"""The follower, with a detector that finds painted squares: white ones surely, gray ones barely."""

from collections.abc import Iterable

import cv2
import numpy as np
import pytest

from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.detection import Detection
from calmloop.face_detector.following import Follower
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.settings import FollowSection, SeatRegion
from calmloop.face_detector.tracks import Sight

HEIGHT, WIDTH = 200, 400
FRAME_S = 0.1
FACE = Square(100, 100, 40)
SURE, BARE = 255, 128


class PaintDetector:
    name = "paint"
    rolls_deg: tuple[float, ...] = (0.0,)
    is_divisible = True

    def __init__(self) -> None:
        self.searched: list[tuple[int, ...]] = []

    @property
    def full_searches(self) -> int:
        return self.searched.count((HEIGHT, WIDTH))

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        self.searched.append(gray.shape)
        _, labels, stats, centres = cv2.connectedComponentsWithStats((gray > 0).astype(np.uint8))
        found = []
        for number in range(1, len(stats)):
            side = float(stats[number, cv2.CC_STAT_WIDTH])
            level = int(gray[labels == number][0])
            if min_px <= side <= max_px:
                across, down = centres[number] + 0.5
                square = Square(float(across), float(down), side)
                found.append(Detection(square, level / SURE, level == SURE, 1.0))
        return found


class Scene:
    """Shows one picture after another, `FRAME_S` apart."""

    def __init__(self, **settings: object) -> None:
        self.detector = PaintDetector()
        self.follower = Follower(self.detector, FollowSection.model_validate(settings))
        self.now_s = 50.0

    def show(self, faces: Iterable[Square] = (), level: int = SURE) -> Sight:
        self.now_s += FRAME_S
        return self.follower.see(picture(faces, level), self.now_s)

    def show_for(self, seconds: float, *faces: Square, level: int = SURE) -> list[Sight]:
        return [self.show(faces, level) for _ in range(round(seconds / FRAME_S))]


def picture(faces: Iterable[Square], level: int = SURE) -> Gray:
    gray = np.zeros((HEIGHT, WIDTH), np.uint8)
    for face in faces:
        left, top = round(face.left), round(face.top)
        gray[max(0, top) : top + int(face.side), max(0, left) : left + int(face.side)] = level
    return gray


def at(sight: Sight) -> Square:
    assert sight.subject is not None
    return sight.subject.square


def test_a_face_is_believed_at_the_third_sighting() -> None:
    scene = Scene()
    sights = scene.show_for(0.4, FACE)
    assert [sight.subject is not None for sight in sights] == [False, False, True, True]
    assert at(sights[-1]).distance(FACE) < 0.05
    assert sights[-1].count == 1


def test_a_pattern_that_is_there_once_is_no_face() -> None:
    scene = Scene()
    scene.show_for(0.1, FACE)
    assert all(sight.count == 0 and not sight.subject for sight in scene.show_for(3.0))


def test_a_bare_pattern_is_no_face_however_long_it_stays() -> None:
    assert not any(sight.subject for sight in Scene().show_for(5.0, FACE, level=BARE))


def test_a_followed_face_is_kept_on_bare_sightings_until_it_must_prove_itself() -> None:
    scene = Scene(prove_every_s=2.0)
    scene.show_for(1.0, FACE)
    sights = scene.show_for(4.0, FACE, level=BARE)
    assert all(sight.subject for sight in sights[:19])
    assert not any(sight.subject for sight in sights[21:])


def test_the_whole_picture_is_searched_once_a_second_while_a_face_is_followed() -> None:
    scene = Scene()
    scene.show_for(1.0, FACE)
    scene.detector.searched.clear()
    sights = scene.show_for(5.0, FACE)
    assert all(sight.subject for sight in sights)
    assert scene.detector.full_searches in (4, 5)
    around = [shape for shape in scene.detector.searched if shape != (HEIGHT, WIDTH)]
    assert len(around) >= 45
    assert all(max(shape) <= 2 * FACE.side + 2 for shape in around)


def test_a_moving_face_is_followed() -> None:
    scene = Scene()
    for step in range(30):
        sight = scene.show([FACE.moved(8 * step, 0)])
    assert at(sight).distance(FACE.moved(8 * 29, 0)) < 0.05


def test_a_face_that_jumps_is_searched_for_in_the_same_picture_but_believed_anew() -> None:
    scene = Scene()
    scene.show_for(1.0, FACE)
    scene.detector.searched.clear()
    assert scene.show([FACE.moved(200, 0)]).subject is None
    assert scene.detector.full_searches == 1
    sights = scene.show_for(1.0, FACE.moved(200, 0))
    assert at(sights[-1]).distance(FACE.moved(200, 0)) < 0.05


def test_a_lost_face_is_never_reported_as_seen_but_keeps_its_place_for_a_moment() -> None:
    scene = Scene(hold_s=0.5)
    scene.show_for(1.0, FACE)
    assert not any(sight.subject for sight in scene.show_for(0.3))
    assert scene.show([FACE]).subject is not None


def test_a_face_that_was_away_for_longer_must_be_believed_anew() -> None:
    scene = Scene(hold_s=0.5)
    scene.show_for(1.0, FACE)
    scene.show_for(1.0)
    assert [s.subject is not None for s in scene.show_for(0.3, FACE)] == [False, False, True]


def test_an_empty_room_is_searched_less_often_after_a_while() -> None:
    scene = Scene(idle_after_s=2.0, idle_search_every_s=0.25)
    scene.show_for(2.0)
    assert scene.detector.full_searches == 20
    scene.detector.searched.clear()
    scene.show_for(3.0)
    assert 9 <= scene.detector.full_searches <= 12
    assert scene.show_for(0.6, FACE)[-1].subject is not None


def test_the_largest_face_is_the_subject_and_a_small_one_behind_it_raises_no_doubt() -> None:
    sights = Scene().show_for(2.0, Square(60, 60, 28), Square(200, 60, 40), Square(330, 100, 80))
    assert at(sights[-1]).side == pytest.approx(80, abs=1)
    assert sights[-1].count == 3
    assert not sights[-1].several


def test_two_faces_of_comparable_size_raise_doubt_until_one_has_gone() -> None:
    scene = Scene()
    assert scene.show_for(1.0, FACE, Square(300, 100, 36))[-1].several
    assert not scene.show_for(2.0, FACE)[-1].several


def test_a_second_face_that_comes_in_later_is_noticed_within_a_search_period() -> None:
    scene = Scene(search_every_s=1.0)
    scene.show_for(1.0, FACE)
    sights = scene.show_for(1.5, FACE, Square(300, 100, 40))
    assert sights[-1].several
    assert sights[-1].count == 2


def test_the_subject_stays_the_same_when_another_face_becomes_a_little_larger() -> None:
    scene = Scene()
    scene.show_for(1.0, FACE)
    sight = scene.show_for(2.0, FACE, Square(300, 100, 48))[-1]
    assert at(sight).distance(FACE) < 0.05
    assert sight.several


def test_a_much_larger_face_becomes_the_subject() -> None:
    scene = Scene()
    scene.show_for(1.0, FACE)
    sight = scene.show_for(2.0, FACE, Square(300, 100, 90))[-1]
    assert at(sight).side == pytest.approx(90, abs=1)
    assert not sight.several


def test_a_face_outside_the_seat_is_counted_and_neither_read_nor_doubted() -> None:
    scene = Scene(seat=SeatRegion(left=0.5))
    sight = scene.show_for(1.0, FACE)[-1]
    assert (sight.subject, sight.count) == (None, 1)
    sight = scene.show_for(2.0, FACE, Square(300, 100, 40))[-1]
    assert at(sight).x == pytest.approx(300, abs=1)
    assert not sight.several


def test_a_picture_with_the_time_of_the_last_one_is_looked_at_all_the_same() -> None:
    scene = Scene()
    scene.show_for(1.0, FACE)
    assert scene.follower.see(picture([]), scene.now_s).subject is None


def test_a_clock_that_goes_back_begins_anew() -> None:
    scene = Scene()
    scene.show_for(1.0, FACE)
    scene.now_s = 0.0
    sights = scene.show_for(0.3, FACE)
    assert [sight.subject is not None for sight in sights] == [False, False, True]
