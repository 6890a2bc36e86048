"""What the link has to tell: handed out by `Link.pop_events`, oldest first."""

from dataclasses import dataclass

from calmloop.chair_link.explanations import ARM_BLOCKS, CALIBRATIONS
from calmloop.chair_link.messages import (
    ArmBlock,
    CalibrateResult,
    Identity,
    MessageKind,
    Status,
)


@dataclass(frozen=True)
class StatusArrived:
    """A valid STATUS."""

    status: Status


@dataclass(frozen=True)
class Identified:
    """The chair is the one expected, and has said so itself."""

    identity: Identity


@dataclass(frozen=True)
class Mismatched:
    """The chair is another than expected: it is not armed."""

    reason: str


@dataclass(frozen=True)
class SessionLost:
    """The chair was reset, or the line closed: nothing of before counts any more."""

    reason: str


@dataclass(frozen=True)
class ArmAnswered:
    """What became of an ARM; `block` is None when the chair did not answer."""

    arm_id: int
    block: ArmBlock | None
    reason: str


@dataclass(frozen=True)
class CalibrationAnswered:
    """What became of a CALIBRATE; `result` is None when the chair did not answer."""

    result: CalibrateResult | None
    reason: str


@dataclass(frozen=True)
class StopConfirmed:
    """The chair has taken the newest STOP."""

    tag: int


Event = (
    StatusArrived
    | Identified
    | Mismatched
    | SessionLost
    | ArmAnswered
    | CalibrationAnswered
    | StopConfirmed
)


def answer_to(kind: MessageKind, subject: int, result: int | None, reason: str) -> Event:
    """The event for what was asked, with `reason` for the want of an answer when there is none."""
    if kind is MessageKind.CALIBRATE:
        stored = None if result is None else CalibrateResult(result)
        return CalibrationAnswered(stored, reason if stored is None else CALIBRATIONS[stored])
    block = None if result is None else ArmBlock(result)
    return ArmAnswered(subject, block, reason if block is None else ARM_BLOCKS[block])
