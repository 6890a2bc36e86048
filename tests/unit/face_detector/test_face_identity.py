"""Whether the face is still the same, where it went, and how the head is turned."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.camera.arrays import Picture
from calmloop.camera.picture import encode_jpeg
from calmloop.contract.messages.face import HeadPose, SeatPresence
from calmloop.face_detector.detection import Detection
from calmloop.face_detector.geometry import Region, Square
from calmloop.face_detector.head_pose import HEAD, landmark_pose
from calmloop.face_detector.identity import FaceIdentity, Identities
from calmloop.face_detector.reader import FaceReader, Finding, load_detector
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.face_detector.tracks import Sight

FRAME_S = 0.1
SEAT = Region(50, 0, 270, 180)
CHILD = Square(160.0, 80.0, 40.0)
HERE, REPLACED, LOST, LEFT, ABSENT = SeatPresence


class Room:
    """Shows who is followed, picture after picture."""

    def __init__(self) -> None:
        self.identities = Identities()
        self.at_s = 100.0

    def show(
        self, seconds: float, track: int, square: Square, moving: float = 0.0
    ) -> list[FaceIdentity]:
        said = []
        for number in range(round(seconds / FRAME_S)):
            there = square.moved(moving * number * FRAME_S, 0.0)
            sight = Sight(1, Detection(there, 1.0, True, 1.0), False, followed=track)
            said.append(self._see(sight))
        return said

    def hide(self, seconds: float, elsewhere: dict[int, Square] | None = None) -> FaceIdentity:
        """Nobody is followed; `elsewhere` are faces that are seen outside the seat region."""
        for _ in range(round(seconds / FRAME_S)):
            said = self._see(Sight(0, None, False, tracks=elsewhere or {}))
        return said

    def _see(self, sight: Sight) -> FaceIdentity:
        self.at_s += FRAME_S
        return self.identities.see(sight, SEAT, self.at_s)


def test_a_followed_face_keeps_its_number() -> None:
    said = Room().show(60.0, 1, CHILD, moving=1.0)
    assert set(said) == {FaceIdentity(1, HERE)}


def test_before_anyone_was_there_nobody_is() -> None:
    assert Room().hide(1.0) == FaceIdentity(None, ABSENT)


@pytest.mark.parametrize(("away_s", "number"), [(0.3, 1), (3.0, 1), (9.5, 1), (10.5, 2)])
def test_a_face_at_its_place_within_ten_seconds_is_matched_and_the_time_is_told(
    away_s: float, number: int
) -> None:
    room = Room()
    room.show(2.0, 1, CHILD)
    gone = room.hide(away_s)
    assert gone == (FaceIdentity(1, LOST) if number == 1 else FaceIdentity(None, ABSENT))
    back = room.show(1.0, 2, CHILD.moved(10.0, 5.0))[-1]
    assert (back.number, back.presence) == (number, HERE)
    told_s = away_s + FRAME_S if number == 1 and away_s > 0.5 else 0.0
    assert back.unseen_s == pytest.approx(told_s)
    assert room.show(20.0, 2, CHILD)[-1].unseen_s == back.unseen_s


@pytest.mark.parametrize(
    "other",
    [CHILD.moved(45.0, 0.0), CHILD.moved(0.0, -45.0), Square(160, 80, 52), Square(160, 80, 31)],
)
def test_a_face_at_another_place_or_of_another_size_has_replaced_the_one_before(
    other: Square,
) -> None:
    room = Room()
    room.show(2.0, 1, CHILD)
    room.hide(2.0)
    said = room.show(12.0, 2, other)
    assert {face.number for face in said} == {2}
    assert said[0].presence is REPLACED
    assert said[95].presence is REPLACED
    assert said[-1].presence is HERE


def test_one_that_takes_over_at_once_is_another_and_the_first_is_known_again() -> None:
    room = Room()
    room.show(2.0, 1, CHILD)
    assert room.show(3.0, 2, Square(130, 80, 80))[0] == FaceIdentity(2, REPLACED)
    back = room.show(1.0, 1, CHILD)[-1]
    assert (back.number, back.presence) == (1, REPLACED)
    assert back.unseen_s == pytest.approx(3.1)


def test_a_face_that_goes_out_of_the_seat_region_has_left() -> None:
    room = Room()
    room.show(3.0, 1, Square(120.0, 80.0, 40.0), moving=40.0)
    assert room.hide(1.0).presence is LEFT
    room = Room()
    room.show(3.0, 1, CHILD)
    assert room.hide(1.0, {1: Square(20.0, 80.0, 40.0)}).presence is LEFT


def test_a_face_that_is_covered_where_it_is_is_lost_and_not_said_to_have_left() -> None:
    room = Room()
    room.show(3.0, 1, Square(75.0, 30.0, 40.0))
    assert room.hide(1.0).presence is LOST


def test_a_clock_that_goes_back_knows_nobody_and_gives_no_number_twice() -> None:
    room = Room()
    room.show(1.0, 1, CHILD)
    room.at_s = 0.0
    assert room.show(1.0, 1, CHILD)[-1] == FaceIdentity(2, HERE)


def test_no_more_is_remembered_however_many_come() -> None:
    room = Room()
    for track in range(500):
        room.show(FRAME_S, track, Square(60 + 3.0 * (track % 60), 80, 40 + track % 30))
    assert len(room.identities._faces) <= 8


def pictures(folder: Path, name: str) -> list[Picture]:
    """Every second picture of a clip, at 640 by 360: 15 a second."""
    capture = cv2.VideoCapture(str(folder / "data/video" / name))
    taken = []
    while (frame := capture.read())[0] and capture.grab():
        resized = cv2.resize(frame[1], (640, 360), interpolation=cv2.INTER_AREA)
        taken.append(np.asarray(resized, np.uint8))
    return taken


def read(folder: Path, shown: Iterable[Picture], backend: str = "yunet") -> list[Finding]:
    model = folder / "data/models/yunet_n_320_320.onnx"
    section = FaceDetectorSection.model_validate({"backend": backend, "yunet": {"model": model}})
    reader = FaceReader(load_detector(section), section)
    return [
        reader.read(encode_jpeg(picture, 80), 360, number / 15)
        for number, picture in enumerate(shown)
    ]


def identity(finding: Finding) -> FaceIdentity:
    assert finding.identity is not None
    return finding.identity


@pytest.mark.parametrize("backend", ["viola-jones", "yunet"])
def test_a_speaker_keeps_the_number_through_a_turned_away_moment(
    backend: str, shared_dir: Path
) -> None:
    clip = pictures(shared_dir, "single_face.mp4")
    covered = [np.full_like(clip[0], 120)] * 30
    said = [identity(f) for f in read(shared_dir, [*clip, *covered, *clip], backend)]
    seen = [face for face in said if face.number is not None]
    assert {face.number for face in seen} == {1}
    assert said[len(clip) + 20].presence is LOST
    assert said[len(clip) - 1] == FaceIdentity(1, HERE)
    assert 2.0 <= said[-1].unseen_s <= 2.5


def test_an_actor_who_takes_the_place_has_another_number(shared_dir: Path) -> None:
    speaker = pictures(shared_dir, "single_face.mp4")
    small = [cv2.resize(picture, (448, 252))[:, :320] for picture in speaker]
    room = np.full((360, 640, 3), 120, np.uint8)
    beside = []
    for picture in small:
        seat = room.copy()
        seat[100 : 100 + picture.shape[0], : picture.shape[1]] = picture
        beside.append(seat)
    said = [identity(f) for f in read(shared_dir, [*speaker, *beside])]
    assert said[-1].number == 2
    assert said[-1].presence is REPLACED


def poses(findings: Iterable[Finding]) -> list[HeadPose]:
    return [finding.pose for finding in findings if finding.pose is not None]


def test_the_pose_of_a_mirrored_head_is_mirrored_and_a_turned_pictures_tilted(
    shared_dir: Path,
) -> None:
    clip = pictures(shared_dir, "single_face.mp4")
    plain = poses(read(shared_dir, clip))
    mirrored = poses(read(shared_dir, [np.ascontiguousarray(p[:, ::-1]) for p in clip]))
    turn = cv2.getRotationMatrix2D((320, 180), -15.0, 1.0)
    tilted = poses(
        read(shared_dir, [np.asarray(cv2.warpAffine(p, turn, (640, 360)), np.uint8) for p in clip])
    )
    assert len(plain) > 0.9 * len(clip)
    usual, other, leaning = (
        np.median([[p.yaw_deg, p.pitch_deg, p.roll_deg] for p in each], axis=0)
        for each in (plain, mirrored, tilted)
    )
    assert abs(usual[0]) < 15
    assert abs(usual[1]) < 20
    assert other[:2] == pytest.approx(usual[:2] * [-1, 1], abs=4)
    assert 8 < leaning[2] - usual[2] < 17, "YuNet's landmarks tell two thirds of a tilt"
    assert leaning[:2] == pytest.approx(usual[:2], abs=10)


def test_viola_jones_has_no_landmarks_and_no_pose(shared_dir: Path) -> None:
    clip = pictures(shared_dir, "single_face.mp4")[:8]
    assert poses(read(shared_dir, clip, "viola-jones")) == []


@pytest.mark.parametrize("yaw_deg", [-60, -20, 0, 20, 60])
@pytest.mark.parametrize("pitch_deg", [-20, 0, 20])
def test_the_pose_of_a_usual_head_is_found_again(yaw_deg: float, pitch_deg: float) -> None:
    yaw, pitch = np.radians([yaw_deg, pitch_deg])
    nod = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    seen = (np.array(HEAD) @ nod.T @ turn.T)[:, :2] * 0.2 + 200.0
    pose = landmark_pose(tuple((x, y) for x, y in seen.tolist()))
    assert pose is not None
    assert pose.yaw_deg == pytest.approx(yaw_deg, abs=0.2)
    assert pose.pitch_deg == pytest.approx(pitch_deg, abs=0.2)


def test_landmarks_on_one_spot_have_no_pose() -> None:
    assert landmark_pose(((7.0, 7.0),) * 5) is None
