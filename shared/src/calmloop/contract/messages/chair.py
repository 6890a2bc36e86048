"""The chair as its microcontroller reports it, and the request to arm it."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import Part, Percent, ServiceMessage
from calmloop.contract.messages.stimulus import Light


class ChairMode(StrEnum):
    """The microcontroller's states, and `disconnected` when there is no link to it."""

    DISCONNECTED = "disconnected"
    BOOT = "boot"
    SAFE = "safe"
    ARMED = "armed"
    ACTIVE = "active"
    RAMPDOWN = "rampdown"
    FAULT = "fault"
    ESTOP = "estop"


class ArmRequest(ServiceMessage):
    """Asks the bridge to arm the chair, once for one accepted start."""

    start_id: str = Field(min_length=1, max_length=64, description="The accepted session's id.")


class ArmOutcome(StrEnum):
    """What became of the last arm request."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class ArmResult(Part):
    """The last arm request and its outcome."""

    start_id: str
    outcome: ArmOutcome
    reason: str = Field("", max_length=200)


class Applied(Part):
    """What the outputs do now, after the gate; not what was asked."""

    vibration_pct: Percent = 0.0
    vibration_hz: float = Field(40.0, ge=0.0, le=200.0)
    sound_pct: Percent = 0.0
    light: Light = Light()


class Inputs(Part):
    """The chair's inputs as the microcontroller reads them."""

    estop: bool = Field(False, description="The red button is pressed (or its wire is cut).")
    ack: bool = False
    seat: bool = Field(True, description="Someone sits in the chair.")
    enclosure_closed: bool = True
    child_button: bool = Field(
        False, description="The child presses its button, or did and no stop was latched yet."
    )
    child_less: bool = Field(
        False, description="The child presses its second button, which asks for less."
    )
    supply_v: float = Field(0.0, ge=0.0)
    current_a: float = Field(0.0, ge=0.0)


class LinkQuality(Part):
    """How well the serial link does, since it opened."""

    round_trip_ms: float | None = Field(None, description="Last frame to its acknowledgement.")
    status_to_lease_ms: float | None = Field(None, description="STATUS in to its lease out.")
    sent: int = Field(0, ge=0)
    received: int = Field(0, ge=0)
    lost: int = Field(0, ge=0, description="Gaps in the chair's sequence numbers.")
    bad_crc: int = Field(0, ge=0)
    reopened: int = Field(0, ge=0)


class CalibrationOrigin(StrEnum):
    """Where the table from percent to m/s2 and dBA comes from."""

    NONE = "none"
    MEASURED = "measured"
    SIMULATED = "simulated"


class ChairStatus(ServiceMessage):
    """The chair without its nonce: retained, on every change."""

    mode: ChairMode
    boot_id: int = Field(0, ge=0, le=0xFFFFFFFF, description="The chair's own; new at each boot.")
    identified: bool = Field(False, description="IDENTIFY matched: firmware, protocol, hashes.")
    firmware: str = Field("", max_length=64)
    cap_hash: str = Field("", max_length=8, description="Of its safety envelope, 8 hex digits.")
    calibration: CalibrationOrigin = CalibrationOrigin.NONE
    calibration_hash: str = Field("", max_length=8, description="Of its table, 8 hex digits.")
    applied: Applied = Applied()
    inputs: Inputs = Inputs()
    setpoint_seq: int | None = Field(None, description="`seq` of the setpoint applied last.")
    arm_ready: bool = Field(False, description="Would accept an arm request now.")
    arm_blocker: str = Field("", max_length=200, description="Why not, in plain words.")
    arm: ArmResult | None = None
    lockout_s: float = Field(0.0, ge=0.0, description="Time until it can be armed again.")
    session_left_s: float = Field(0.0, ge=0.0)
    stop_reason: str = Field("", max_length=100, description="Why it last left ACTIVE.")
    fault: str = Field("", max_length=64, description="Fault code by name; empty without one.")
    fault_remedy: str = Field("", max_length=300)
    reason: str = Field("", max_length=300, description="Why disconnected or not identified.")
    mismatch: str = Field("", max_length=300, description="Why it is not the chair expected.")
    link: LinkQuality = LinkQuality()


class ChairState(ChairStatus):
    """The same with the fresh nonce that a lease must answer; 10 Hz."""

    nonce: int | None = Field(None, ge=0, le=0xFFFFFFFF)
