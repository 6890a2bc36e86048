"""No session goes by a face that nobody has seen: a start says which stage lacks what."""

from pathlib import Path

import pytest

from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.emotion import DoubtReason, EmotionState, Label
from calmloop.contract.messages.face import FaceState, NoFaceReason
from calmloop.contract.messages.session import Mode, Phase, SessionAction
from tests.unit.scenario_selector.harness import NEUTRAL, UNKNOWN, Harness


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


def attempt(harness: Harness) -> str:
    """A start without anything done for the face; why it was refused."""
    refusal = harness.command(SessionAction.START, token=harness.token)
    harness.wait(0.3)
    if refusal is not None:
        harness.expect(Phase.IDLE)
        assert not harness.arm_requests
        assert not harness.setpoints
    return refusal or ""


def camera_says(harness: Harness, condition: CameraCondition, reason: str = "") -> None:
    enabled = condition is not CameraCondition.OFF
    state = CameraState(condition=condition, enabled=enabled, reason=reason)
    harness.engine.surroundings.perception.receive_camera(harness.received(state))


def detector_says(harness: Harness, reason: NoFaceReason | None) -> None:
    state = FaceState(frame_seq=1, captured_ns=1, count=1, reason=reason)
    harness.engine.surroundings.perception.receive_face(harness.received(state))


def classifier_says(harness: Harness, reason: DoubtReason | NoFaceReason) -> None:
    state = EmotionState(
        frame_seq=1, captured_ns=1, label=Label.UNKNOWN, confidence=0, valence=0, reason=reason
    )
    harness.engine.surroundings.perception.receive_emotion(harness.received(state))


def test_without_any_frame_nothing_starts_unless_by_hand(harness: Harness) -> None:
    refusal = attempt(harness)
    assert "no usable face in the last 2 s" in refusal
    assert "no camera frame" in refusal
    assert "mode manual" in refusal
    assert harness.command(SessionAction.START, token=harness.token, mode=Mode.MANUAL) is None
    harness.wait(0.5)
    harness.expect(Phase.MANUAL)


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
    harness: Harness, condition: CameraCondition, words: str
) -> None:
    harness.show(NEUTRAL, 1)
    harness.wait(0.1)
    camera_says(harness, condition, "/nonexistent.mp4: no such file")
    assert words in attempt(harness)


def test_a_face_read_after_the_camera_was_lost_shows_that_it_is_back(harness: Harness) -> None:
    camera_says(harness, CameraCondition.LOST)
    harness.show(NEUTRAL, 0.2)
    assert attempt(harness) == ""


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (NoFaceReason.NO_FACE, "no face is in view"),
        (NoFaceReason.SEVERAL_FACES, "two faces"),
        (NoFaceReason.TOO_DARK, "too dark"),
        (NoFaceReason.NOT_FRONTAL, "turned away"),
    ],
)
def test_what_the_detector_lacks_is_said(
    harness: Harness, reason: NoFaceReason, words: str
) -> None:
    camera_says(harness, CameraCondition.STREAMING)
    detector_says(harness, reason)
    classifier_says(harness, reason)
    assert words in attempt(harness)


@pytest.mark.parametrize("reason", [*NoFaceReason, *DoubtReason])
def test_every_reason_has_words(harness: Harness, reason: NoFaceReason | DoubtReason) -> None:
    classifier_says(harness, reason)
    refusal = attempt(harness)
    assert refusal
    assert "what it shows is unknown" not in refusal


def test_a_camera_without_a_detector_and_a_silent_classifier_are_told_apart(
    harness: Harness,
) -> None:
    camera_says(harness, CameraCondition.STREAMING)
    assert "face-detector" in attempt(harness)
    detector_says(harness, None)
    assert "emotion-classifier is silent" in attempt(harness)
    classifier_says(harness, DoubtReason.AMBIGUOUS)
    assert "ambiguous" in attempt(harness)


def test_a_face_of_2_s_ago_is_seen_and_an_older_one_is_not(harness: Harness) -> None:
    harness.read(NEUTRAL)
    harness.wait(2.1)
    assert "no usable face" in attempt(harness)
    harness.read(NEUTRAL)
    harness.wait(1.9)
    assert attempt(harness) == ""


def test_a_reading_that_says_nothing_is_no_face(harness: Harness) -> None:
    harness.show(UNKNOWN, 3)
    assert "unknown" in attempt(harness)
    harness.show((Label.NEUTRAL, 0.0, 0.0), 3)
    assert "no usable face" in attempt(harness)


def test_one_frame_read_again_and_again_grows_old_all_the_same(harness: Harness) -> None:
    for _ in range(25):
        harness.read(NEUTRAL, frame=7)
        harness.wait(0.1)
    assert "no usable face" in attempt(harness)


def test_a_process_that_was_stopped_needs_a_new_face(harness: Harness) -> None:
    harness.show(NEUTRAL, 1)
    harness.engine.forget()
    harness.wait(1)
    assert "no usable face" in attempt(harness)


def test_a_pause_goes_on_only_with_a_face_in_view(harness: Harness) -> None:
    harness.start_running()
    harness.command(SessionAction.PAUSE)
    harness.wait(10)
    refusal = str(harness.command(SessionAction.RESUME, token=harness.token))
    assert "no usable face" in refusal
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0
    assert harness.resume() is None


def test_a_refusal_for_the_face_does_not_use_up_the_token(harness: Harness) -> None:
    token = harness.token
    assert "no usable face" in str(harness.command(SessionAction.START, token=token))
    assert harness.start(token=token) is None
