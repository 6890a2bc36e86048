"""What a caregiver is called for, and what a reset waits for, judged from what was last heard.

A cause that cannot be judged now (the chair is silent, say) is left out: unknown is not over.
"""

from collections.abc import Iterable

from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.safety import AlarmKind, Severity
from calmloop.contract.messages.session import Mode, Phase, SessionState
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.alarms import Call
from calmloop.safety_watchdog.heartbeats import PERCEPTION, REQUIRED, Heartbeats
from calmloop.safety_watchdog.pictures import Pictures

Calls = dict[AlarmKind, Call | None]
Texts = dict[AlarmKind, str]

STOPPING = (AlarmKind.CHAIR_STOP, AlarmKind.CHAIR_FAULT, AlarmKind.SEAT_EMPTY)
"""These latch the stop at once. Distress does too, but lets the engine's fade end first."""


def chair_calls(chair: ChairState | None) -> Calls:
    """A stop, a fault or a foreign firmware at the chair."""
    if chair is None:
        return {}
    foreign = {AlarmKind.FIRMWARE_MISMATCH: _foreign(chair)}
    if chair.mode is ChairMode.DISCONNECTED:
        return foreign if chair.mismatch else {}
    return foreign | {
        AlarmKind.CHAIR_STOP: _critical(_chair_stop(chair)),
        AlarmKind.CHAIR_FAULT: _critical(_chair_fault(chair)),
    }


def distress_call(session: SessionState | None) -> Calls:
    """Strong or lasting distress, as the engine reports it."""
    if session is None:
        return {}
    distressed = session.distress and session.phase is not Phase.IDLE
    text = f"the child seems to be in distress: {session.reason}" if distressed else ""
    return {AlarmKind.DISTRESS: _critical(text)}


def severity_now(session: SessionState | None, chair_active: bool) -> Severity:
    """How urgent it is that something is missing or wrong: a session may run or not."""
    running = chair_active or (session is not None and session.phase is not Phase.IDLE)
    return Severity.CRITICAL if running else Severity.WARNING


def records_call(session: SessionState | None) -> Calls:
    """What is damaged, or would not outlive a restart: a limit that was lowered, say, or a dose."""
    if session is None:
        return {}
    text = session.trouble
    return {AlarmKind.RECORDS: Call(Severity.WARNING, text) if text else None}


def question_call(session: SessionState | None) -> Calls:
    """The engine asks something that only a person can tell; it raises nothing meanwhile."""
    if session is None:
        return {}
    text = f"the engine asks: {session.question}" if session.question else ""
    return {AlarmKind.QUESTION: Call(Severity.WARNING, text) if text else None}


def unattended_call(session: SessionState | None) -> Calls:
    """No caregiver was seen for long: the engine fades out by itself, and somebody should look."""
    if session is None:
        return {}
    text = "no caregiver was seen for 10 min: the session was eased down; look after the child"
    return {AlarmKind.UNATTENDED: Call(Severity.WARNING, text) if session.unattended else None}


def lost_calls(heartbeats: Heartbeats, session: SessionState | None, chair_active: bool) -> Calls:
    """Services that are gone: critical for the required ones while a session runs."""
    severity = severity_now(session, chair_active)
    required = "; ".join(filter(None, map(heartbeats.lost, REQUIRED)))
    by_hand = session is not None and session.mode is Mode.MANUAL
    perception = "" if by_hand else "; ".join(filter(None, map(heartbeats.lost, PERCEPTION)))
    return {
        AlarmKind.SERVICE_LOST: Call(severity, required) if required else None,
        AlarmKind.PERCEPTION_LOST: Call(Severity.WARNING, perception) if perception else None,
    }


def conflicts(chair: ChairState | None, heartbeats: Heartbeats, pictures: Pictures) -> Texts:
    """What must not steer this chair although it is well, in plain words; empty without."""
    return {
        AlarmKind.TWO_INSTANCES: heartbeats.too_many(),
        AlarmKind.CAMERA_NOT_LIVE: pictures.problem(chair, heartbeats.alive(Account.CAMERA)),
    }


def reset_blockers(
    chair: ChairState | None, heartbeats: Heartbeats, conflicting: Iterable[str]
) -> tuple[str, ...]:
    """What has to be gone before a stop may be unlatched, in plain words."""
    problems = [*map(heartbeats.problem, REQUIRED), *conflicting]
    if chair is None:
        problems.append("the chair does not report")
    elif chair.mode is ChairMode.DISCONNECTED:
        problems.append(f"the chair is not connected: {chair.reason or 'look at its cable'}")
    else:
        problems += [_chair_stop(chair), _chair_fault(chair)]
    return tuple(filter(None, problems))


def _critical(text: str) -> Call | None:
    return Call(Severity.CRITICAL, text) if text else None


def _foreign(chair: ChairState) -> Call | None:
    if chair.identified or chair.mode is ChairMode.BOOT:
        return None
    reason = chair.mismatch or "it does not say what it is: flash the firmware"
    return Call(Severity.WARNING, f"the chair is not the one expected: {reason}")


def _chair_stop(chair: ChairState) -> str:
    if chair.inputs.estop:
        return "the red button is pressed: release it, then press ACK on the chair"
    if chair.mode is ChairMode.ESTOP:
        return "the red button was pressed: press ACK on the chair"
    if chair.inputs.child_button:
        return "the child pressed its own button, or it is stuck"
    return ""


def _chair_fault(chair: ChairState) -> str:
    if chair.mode is not ChairMode.FAULT:
        return ""
    remedy = chair.fault_remedy or "see to the cause, then press ACK on the chair"
    return f"the chair reports the fault '{chair.fault}': {remedy}"
