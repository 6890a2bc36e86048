"""The lease, the latched stop, and alarms."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import Command, ServiceMessage
from calmloop.contract.messages.session import Token


class Lease(ServiceMessage):
    """The watchdog's answer to the chair's nonce: the whole chain was alive just now."""

    boot_id: int = Field(ge=0, le=0xFFFFFFFF, description="The chair's.")
    nonce: int = Field(ge=0, le=0xFFFFFFFF)
    proof: int = Field(ge=0, le=0xFFFFFFFF)


class StopCause(StrEnum):
    """What latched the stop."""

    START_UP = "start-up"
    STOP = "stop"
    ACTIVE_ENDED = "active ended"
    SERVICE_LOST = "service lost"
    CUT_OFF = "cut off"
    CRITICAL_EVENT = "critical event"
    CONFLICT = "conflict"


class StopState(ServiceMessage):
    """Retained; on every change and once a second."""

    latched: bool
    kind: StopCause | None = Field(None, description="What latched it; absent while it is free.")
    cause: str = Field("", max_length=300, description="The same in plain words.")
    since: str = Field("", max_length=40, description="RFC 3339, UTC.")
    reset_token: str = Field("", description="Carried by `stop/reset`; empty while not latched.")
    blockers: tuple[str, ...] = Field((), description="What a reset waits for.")
    withheld: tuple[str, ...] = Field(
        (), description="Why the chair gets no lease, beside a latched stop."
    )
    chair_active: bool = Field(False, description="The chair was ACTIVE when it last reported.")


class ResetCommand(Command):
    """Unlatches a stop."""

    token: Token


class AlarmKind(StrEnum):
    """What a caregiver can be called for."""

    DISTRESS = "distress"
    QUESTION = "question"
    SEAT_EMPTY = "seat-empty"
    STOP = "stop"
    CHAIR_STOP = "chair-stop"
    CHAIR_FAULT = "chair-fault"
    SERVICE_LOST = "service-lost"
    PERCEPTION_LOST = "perception-lost"
    FIRMWARE_MISMATCH = "firmware-mismatch"
    TWO_INSTANCES = "two-instances"
    CAMERA_NOT_LIVE = "camera-not-live"
    WATCHDOG_RESTARTED = "watchdog-restarted"
    RECORDS = "records"
    SOUND_LOST = "sound-lost"
    LOG_LOST = "log-lost"
    UNATTENDED = "unattended"


class Severity(StrEnum):
    """Critical ones left unacknowledged for 30 s end the lease."""

    WARNING = "warning"
    CRITICAL = "critical"


class Alarm(ServiceMessage):
    """Retained; never cleared by an empty payload."""

    kind: AlarmKind
    active: bool
    acknowledged: bool = False
    acknowledged_by: str = Field("", max_length=64, description="As the acknowledgement said.")
    severity: Severity
    text: str = Field("", max_length=300)
    since: str = Field("", max_length=40, description="RFC 3339, UTC.")


class AlarmAck(Command):
    """Acknowledges an alarm; an empty object is enough."""

    by: str = Field("", max_length=64)
