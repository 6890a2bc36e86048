"""No session goes by a face that nobody has seen: a start says which stage lacks what."""

from pathlib import Path

import pytest

from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.emotion import DoubtReason, EmotionState, Label
from calmloop.contract.messages.face import FaceState, NoFaceReason
from calmloop.contract.messages.session import Mode, Phase, SessionAction
from tests.unit.scenario_selector.room import NEUTRAL, UNKNOWN, Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def attempt(room: Room) -> str:
    """A start without anything done for the face; why it was refused."""
    refusal = room.command(SessionAction.START, token=room.token)
    room.wait(0.3)
    if refusal is not None:
        room.expect(Phase.IDLE)
        assert not room.arm_requests
        assert not room.setpoints
    return refusal or ""


def camera_says(room: Room, condition: CameraCondition, reason: str = "") -> None:
    enabled = condition is not CameraCondition.OFF
    state = CameraState(condition=condition, enabled=enabled, reason=reason)
    room.engine.surroundings.perception.receive_camera(room.received(state))


def detector_says(room: Room, reason: NoFaceReason | None) -> None:
    state = FaceState(frame_seq=1, captured_ns=1, count=1, reason=reason)
    room.engine.surroundings.perception.receive_face(room.received(state))


def classifier_says(room: Room, reason: DoubtReason | NoFaceReason) -> None:
    state = EmotionState(
        frame_seq=1, captured_ns=1, label=Label.UNKNOWN, confidence=0, valence=0, reason=reason
    )
    room.engine.surroundings.perception.receive_emotion(room.received(state))


def test_without_any_frame_nothing_starts_unless_by_hand(room: Room) -> None:
    refusal = attempt(room)
    assert "no usable face in the last 2 s" in refusal
    assert "no camera frame" in refusal
    assert "mode manual" in refusal
    assert room.command(SessionAction.START, token=room.token, mode=Mode.MANUAL) is None
    room.wait(0.5)
    room.expect(Phase.MANUAL)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (CameraCondition.OFF, "privacy switch"),
        (CameraCondition.OPENING, "still opening"),
        (CameraCondition.LOST, "the camera is lost (/nonexistent.mp4: no such file)"),
        (CameraCondition.FROZEN, "frozen"),
        (CameraCondition.ENDED, "has ended"),
    ],
)
def test_a_camera_that_gives_no_pictures_starts_nothing(
    room: Room, condition: CameraCondition, words: str
) -> None:
    room.show(NEUTRAL, 1)
    room.wait(0.1)
    camera_says(room, condition, "/nonexistent.mp4: no such file")
    assert words in attempt(room)


def test_a_face_read_after_the_camera_was_lost_shows_that_it_is_back(room: Room) -> None:
    camera_says(room, CameraCondition.LOST)
    room.show(NEUTRAL, 0.2)
    assert attempt(room) == ""


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (NoFaceReason.NO_FACE, "no face is in view"),
        (NoFaceReason.SEVERAL_FACES, "two faces"),
        (NoFaceReason.TOO_DARK, "too dark"),
        (NoFaceReason.NOT_FRONTAL, "turned away"),
    ],
)
def test_what_the_detector_lacks_is_said(room: Room, reason: NoFaceReason, words: str) -> None:
    camera_says(room, CameraCondition.STREAMING)
    detector_says(room, reason)
    classifier_says(room, reason)
    assert words in attempt(room)


@pytest.mark.parametrize("reason", [*NoFaceReason, *DoubtReason])
def test_every_reason_has_words(room: Room, reason: NoFaceReason | DoubtReason) -> None:
    classifier_says(room, reason)
    refusal = attempt(room)
    assert refusal
    assert "what it shows is unknown" not in refusal


def test_a_camera_without_a_detector_and_a_silent_classifier_are_told_apart(room: Room) -> None:
    camera_says(room, CameraCondition.STREAMING)
    assert "face-detector" in attempt(room)
    detector_says(room, None)
    assert "emotion-classifier is silent" in attempt(room)
    classifier_says(room, DoubtReason.AMBIGUOUS)
    assert "ambiguous" in attempt(room)


def test_a_face_of_2_s_ago_is_seen_and_an_older_one_is_not(room: Room) -> None:
    room.read(NEUTRAL)
    room.wait(2.1)
    assert "no usable face" in attempt(room)
    room.read(NEUTRAL)
    room.wait(1.9)
    assert attempt(room) == ""


def test_a_reading_that_says_nothing_is_no_face(room: Room) -> None:
    room.show(UNKNOWN, 3)
    assert "unknown" in attempt(room)
    room.show((Label.NEUTRAL, 0.0, 0.0), 3)
    assert "no usable face" in attempt(room)


def test_one_frame_read_again_and_again_grows_old_all_the_same(room: Room) -> None:
    for _ in range(25):
        room.read(NEUTRAL, frame=7)
        room.wait(0.1)
    assert "no usable face" in attempt(room)


def test_a_process_that_was_stopped_needs_a_new_face(room: Room) -> None:
    room.show(NEUTRAL, 1)
    room.engine.forget()
    room.wait(1)
    assert "no usable face" in attempt(room)


def test_a_pause_goes_on_only_with_a_face_in_view(room: Room) -> None:
    room.start_running()
    room.command(SessionAction.PAUSE)
    room.wait(10)
    refusal = str(room.command(SessionAction.RESUME, token=room.token))
    assert "no usable face" in refusal
    room.expect(Phase.PAUSED)
    assert room.intensity_pct == 0.0
    assert room.resume() is None


def test_a_refusal_for_the_face_does_not_use_up_the_token(room: Room) -> None:
    token = room.token
    assert "no usable face" in str(room.command(SessionAction.START, token=token))
    assert room.start(token=token) is None
