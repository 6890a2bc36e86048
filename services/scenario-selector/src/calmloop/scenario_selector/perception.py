"""Whether a child's face is in view now, and if not, which stage lacks what.

Only a reading of a face counts: that a camera is switched on, or opening, says nothing.
"""

from calmloop.base.freshness import Ages, Latest, Received
from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.emotion import DoubtReason, EmotionState, Label
from calmloop.contract.messages.face import FaceState, NoFaceReason
from calmloop.scenario_selector.limits import FACE_WITHIN_S

BY_HAND = "or start with mode manual, which goes by no face"
CAMERA_REMEDIES = {
    CameraCondition.OFF: "the camera is off by its privacy switch: switch it on",
    CameraCondition.OPENING: "the camera is still opening: try again once it streams",
    CameraCondition.LOST: "the camera is lost",
    CameraCondition.FROZEN: "the camera's picture is frozen",
    CameraCondition.ENDED: "the camera's source has ended",
}
FACE_REMEDIES = {
    NoFaceReason.NO_FACE: "no face is in view: point the camera at the child",
    NoFaceReason.SEARCHING: "the face is still being searched for: try again",
    NoFaceReason.SEVERAL_FACES: "two faces or more are in view: only the child's may be",
    NoFaceReason.TOO_SMALL: "the face is too small: bring the camera nearer",
    NoFaceReason.TOO_BLURRED: "the face is too blurred: focus the camera, add light",
    NoFaceReason.TOO_DARK: "the face is too dark: add light from the front",
    NoFaceReason.TOO_BRIGHT: "the face is too bright: take light away",
    NoFaceReason.NOT_FRONTAL: "the face is turned away: place the camera in front of it",
    NoFaceReason.BAD_FRAME: "the pictures cannot be decoded: check the camera",
    DoubtReason.LOW_CONFIDENCE: "a face is in view, but nothing can be read in it with confidence",
    DoubtReason.AMBIGUOUS: "a face is in view, but what it shows is ambiguous",
    DoubtReason.UNREADABLE: "a face is in view, but covered, blurred or turned: free it, add light",
    DoubtReason.BAD_CROP: "a face is in view, but face-detector and emotion-classifier do not fit",
    DoubtReason.NOT_ALLOWED: "no emotion may be read from a face where this chair is used"
    " (EU AI Act, article 5(1)(f))",
}


class Perception:
    """The newest news of camera, face and emotion."""

    def __init__(self, ages: Ages) -> None:
        self._ages = ages
        self._camera = Latest[CameraState](ages, float("inf"))
        self._face = Latest[FaceState](ages, FACE_WITHIN_S)
        self._emotion = Latest[EmotionState](ages, FACE_WITHIN_S)
        self._known = Latest[EmotionState](ages, FACE_WITHIN_S)
        self._known_frame: tuple[int, int] | None = None

    def receive_camera(self, received: Received[CameraState]) -> None:
        """The camera says what it does."""
        self._camera.put(received)

    def receive_face(self, received: Received[FaceState]) -> None:
        """The detector's verdict on one frame."""
        self._face.put(received)

    def receive_emotion(self, received: Received[EmotionState]) -> None:
        """A reading; the same frame read again is no news of the face."""
        state = received.message
        self._emotion.put(received)
        frame = (state.frame_seq, state.captured_ns)
        known = state.label is not Label.UNKNOWN and state.confidence > 0.0
        held_s = self._known.age_s()
        if not known or frame == self._known_frame:
            return
        if held_s is None or self._ages.age_s(received) <= held_s:
            self._known.put(received)
            self._known_frame = frame

    def forget(self) -> None:
        """Drops the news of frames; the camera says its own only when it changes."""
        self._face.clear()
        self._emotion.clear()
        self._known.clear()

    def blocker(self) -> str | None:
        """Why no session that goes by a face may begin now, in plain words; None if one may."""
        if self._known.get() is not None and not self._camera_stopped_since():
            return None
        return f"no usable face in the last {FACE_WITHIN_S:g} s: {self._missing()}, {BY_HAND}"

    def _camera_stopped_since(self) -> bool:
        """Whether the camera has said that it gives no pictures, after the last known face."""
        camera, said_s, seen_s = self._camera.get(), self._camera.age_s(), self._known.age_s()
        if camera is None or camera.condition is CameraCondition.STREAMING:
            return False
        return said_s is not None and seen_s is not None and said_s <= seen_s

    def _missing(self) -> str:
        camera, face, emotion = self._camera.get(), self._face.get(), self._emotion.get()
        if camera is not None and camera.condition is not CameraCondition.STREAMING:
            remedy = CAMERA_REMEDIES[camera.condition]
            return f"{remedy} ({camera.reason})" if camera.reason else remedy
        if face is None and emotion is None:
            if camera is None:
                return "no camera frame, and nothing was heard of a camera: check that it runs"
            return "no camera frame was looked at: check camera and face-detector"
        return _missing_of_face(face, emotion)


def _missing_of_face(face: FaceState | None, emotion: EmotionState | None) -> str:
    reason = (face.reason if face else None) or (emotion.reason if emotion else None)
    if reason is not None:
        return FACE_REMEDIES.get(reason, f"the face is not usable ({reason})")
    if emotion is None:
        return "a face is in view, but emotion-classifier is silent: check that it runs"
    return "a face is in view, but what it shows is unknown"
