"""What is missing before a session can start: in words, each with what a person does about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.safety import Alarm, Severity, StopState
from calmloop.contract.messages.session import Mode, Phase, SessionState

SEES_FRAMES = frozenset({CameraCondition.STREAMING})


@dataclass(frozen=True)
class MissingThing:
    """One thing, what it is in words, and what to do."""

    what: str
    text: str
    remedy: str


@dataclass(frozen=True)
class SeenStates:
    """The newest of each state; None: not heard, or not lately."""

    connected: bool
    chair: ChairState | None = None
    stop: StopState | None = None
    session: SessionState | None = None
    camera: CameraState | None = None
    face: FaceState | None = None
    alarms: tuple[Alarm, ...] = ()


def missing(seen: SeenStates, *, manual: bool, face_refusal: str) -> list[MissingThing]:
    """What stands against a start, in the order in which a person can mend it.

    Args:
        seen: The states.
        manual: A session without a camera.
        face_refusal: Why no face may be read for its emotion here; empty where one may.
    """
    if not seen.connected:
        text, remedy = "the broker does not answer", "see that it runs; until then only the red"
        return [MissingThing("broker", text, f"{remedy} button stops the chair")]
    found = [*_of_chair(seen), *_of_stop(seen), *_of_session(seen), *_of_alarms(seen)]
    if not manual:
        found += [*_of_context(face_refusal)] or [*_of_camera(seen)]
    return found or [*_else(seen, Mode.MANUAL if manual else Mode.ADAPTIVE)]


def _of_chair(seen: SeenStates) -> Iterator[MissingThing]:
    chair = seen.chair
    if chair is None:
        yield MissingThing(
            "chair", "the chair is not heard", "see that actuator-bridge runs: Health has it"
        )
    elif chair.mode is ChairMode.DISCONNECTED or not chair.identified:
        yield MissingThing(
            "chair",
            chair.reason or chair.mismatch or "the chair has not answered",
            "plug in its cable and switch it on",
        )
    elif chair.fault:
        yield MissingThing("chair", f"the chair reports {chair.fault}", chair.fault_remedy)
    elif not chair.arm_ready and not (seen.stop and seen.stop.latched):
        yield _not_ready(chair)


def _not_ready(chair: ChairState) -> MissingThing:
    remedy = "release the red button, then press ACK" if chair.inputs.estop else "wait, or look"
    return MissingThing("chair", chair.arm_blocker or "the chair is not ready", remedy)


def _of_stop(seen: SeenStates) -> Iterator[MissingThing]:
    stop = seen.stop
    if stop is None:
        yield MissingThing(
            "watchdog", "the safety-watchdog is not heard", "see that it runs: Health has it"
        )
    elif stop.latched:
        blockers = "; ".join(stop.blockers)
        remedy = f"it waits for: {blockers}" if blockers else "look at the child, then reset it"
        yield MissingThing("stop", f"a stop is latched: {stop.cause}", remedy)


def _of_session(seen: SeenStates) -> Iterator[MissingThing]:
    session = seen.session
    if session is None:
        yield MissingThing(
            "selector", "the scenario-selector is not heard", "see that it runs: Health has it"
        )
    elif session.phase is not Phase.IDLE:
        yield MissingThing("session", f"a session is {session.phase}", "finish it first")
    elif session.trouble:
        yield MissingThing("selector", session.trouble, "mend the file, or free some space")


def _else(seen: SeenStates, mode: Mode) -> Iterator[MissingThing]:
    """Whatever the selector would refuse a start for besides."""
    if seen.session and (why := seen.session.blocked.get(mode)):
        yield MissingThing("start", why, "wait a moment; if it stays, see Health")


def _of_alarms(seen: SeenStates) -> Iterator[MissingThing]:
    for alarm in seen.alarms:
        if alarm.active and not alarm.acknowledged and alarm.severity is Severity.CRITICAL:
            yield MissingThing("alarm", alarm.text or alarm.kind, "look, then acknowledge it")


def _of_context(face_refusal: str) -> Iterator[MissingThing]:
    if face_refusal:
        yield MissingThing("context", face_refusal, "take the manual mode")


def _without_frames(camera: CameraState | None) -> MissingThing:
    if camera is not None and not camera.enabled:
        return MissingThing("camera", "the camera is switched off", "switch it on")
    text = (camera.reason if camera else "") or "the camera gives no picture"
    return MissingThing("camera", text, "plug it in, or take the manual mode")


def _of_camera(seen: SeenStates) -> Iterator[MissingThing]:
    camera, face = seen.camera, seen.face
    if camera is None or camera.condition not in SEES_FRAMES:
        yield _without_frames(camera)
    elif face is None or face.reason is not None:
        why = f"no usable face is seen: {face.reason}" if face else "no face-detector is heard"
        yield MissingThing("face", why, "sit the child before the camera, one face, in good light")
