"""Whether the camera shows the child in the chair: nothing else may steer a real chair."""

from calmloop.base.freshness import Ages, Latest, Received
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.camera import CameraState
from calmloop.contract.messages.chair import CalibrationOrigin, ChairState
from calmloop.contract.messages.face import FaceState

FACE_FRESH_S = 1.5
MAX_CAMERAS = 8
"""Cameras whose word is kept."""
SIMULATED_ORIGIN = "simulated child"
"""What a camera that does not name its kind yet calls its simulated child."""
REMEDY = "set camera.source to the camera at the chair, or use a simulated chair"


class Pictures:
    """Holds what each camera said that it shows, and what the detector's frames were made of."""

    def __init__(self, ages: Ages) -> None:
        self._said: dict[str, CameraState] = {}
        self._seen: Latest[FaceState] = Latest(ages, FACE_FRESH_S)

    def receive_camera(self, received: Received[CameraState]) -> None:
        """A camera reported; the broker keeps the last report also of one that is gone."""
        instance = received.message.source.rpartition("/")[2]
        self._said.pop(instance, None)
        self._said[instance] = received.message
        if len(self._said) > MAX_CAMERAS:
            del self._said[next(iter(self._said))]

    def receive_face(self, received: Received[FaceState]) -> None:
        """The detector reported on a frame."""
        self._seen.put(received)

    def clear(self) -> None:
        """Forgets the frames. What a camera is does not change while it runs."""
        self._seen.clear()

    def problem(self, chair: ChairState | None, cameras: list[str]) -> str:
        """Why these pictures must not steer this chair, in plain words; empty when they may.

        Args:
            chair: As it reported last.
            cameras: Names of the camera instances that beat now.
        """
        if chair is None or chair.calibration is CalibrationOrigin.SIMULATED:
            return ""
        for what in map(self._what_is_wrong, cameras):
            if what:
                return f"{what}, but the chair is not a simulated one: {REMEDY}"
        seen = self._seen.get()
        wrong = WRONG.get(seen.camera_kind, "") if seen and seen.camera_kind else ""
        return f"{wrong}, but the chair is not a simulated one: {REMEDY}" if wrong else ""

    def _what_is_wrong(self, camera: str) -> str:
        said = self._said.get(camera) or self._said.get("")
        if said is None:
            return ""  # just started: its frames still say what they are
        kind = said.camera_kind or _kind_of(said.origin)
        return WRONG[kind] if kind else "the camera does not say whether it is a live one"


WRONG = {
    SignalKind.LIVE: "",
    SignalKind.RECORDED: "the camera plays a recording",
    SignalKind.SIMULATED: "the camera shows a simulated child",
}


def _kind_of(origin: str) -> SignalKind | None:
    """The kind of a camera that names only its origin."""
    if origin == SIMULATED_ORIGIN:
        return SignalKind.SIMULATED
    if "://" in origin or origin.startswith("/dev/"):
        return SignalKind.LIVE
    return SignalKind.RECORDED if origin else None
