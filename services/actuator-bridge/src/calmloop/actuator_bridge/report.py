"""The chair's state as the bus sees it, put together from the link and the port."""

from calmloop.actuator_bridge.conversion import applied_of, fault_of, inputs_of, link_quality_of
from calmloop.chair_link import Link
from calmloop.chair_link.calibration import EMULATED
from calmloop.chair_link.explanations import ARM_BLOCKS, STOPS
from calmloop.chair_link.messages import Flags, Status
from calmloop.contract.messages.chair import (
    ArmResult,
    CalibrationOrigin,
    ChairMode,
    ChairState,
    ChairStatus,
)

SILENT_S = 0.5
"""A chair that has sent no STATUS for this long is taken as gone: five are missing."""

Significant = tuple[object, ...]


def chair_state(
    link: Link,
    now_s: float,
    *,
    seqs: dict[int, int],
    arm: ArmResult | None,
    reopened: int,
    absence: str,
) -> ChairState:
    """What there is to say about the chair now.

    Args:
        link: The link as it is.
        now_s: Monotonic time in seconds.
        seqs: The bus' `seq` of each setpoint by its tag.
        arm: The last arm request.
        reopened: How often the port was opened again.
        absence: Why the port is not open; empty when it is.
    """
    status, quality = link.status, link_quality_of(link.metrics, reopened)
    if status is None or now_s - link.status_s > SILENT_S:
        mismatch = "" if absence else link.mismatch
        reason = absence or mismatch or "the port is open, but the chair is silent"
        return ChairState(
            mode=ChairMode.DISCONNECTED,
            arm_blocker="the chair is not connected",
            reason=reason[:300],
            mismatch=mismatch[:300],
            arm=arm,
            link=quality,
        )
    fault, remedy = fault_of(status)
    firmware, cap_hash, calibration_hash = _identity(link)
    return ChairState(
        mode=ChairMode(status.state.name.lower()),
        boot_id=link.boot_id or 0,
        identified=link.identified,
        firmware=firmware,
        cap_hash=cap_hash,
        calibration=_calibration(link),
        calibration_hash=calibration_hash,
        applied=applied_of(status),
        inputs=inputs_of(status),
        setpoint_seq=seqs.get(status.setpoint_tag),
        arm_ready=_arm_ready(link, status),
        arm_blocker=link.mismatch[:200] or ARM_BLOCKS[status.arm_block],
        arm=arm,
        lockout_s=status.lockout_ms / 1000,
        session_left_s=status.session_left_s,
        stop_reason=STOPS[status.stop_reason],
        fault=fault,
        fault_remedy=remedy[:300],
        reason=link.mismatch[:300],
        mismatch=link.mismatch[:300],
        link=quality,
        nonce=status.nonce,
    )


def _arm_ready(link: Link, status: Status) -> bool:
    return link.identified and not link.busy and Flags.ARM_READY in status.flags


def _identity(link: Link) -> tuple[str, str, str]:
    """Firmware, hash of the caps, hash of the calibration; empty where the chair did not say."""
    identity = link.identity
    if identity is None:
        return "", "", ""
    return identity.firmware, f"{identity.cap_hash:08x}", f"{identity.calibration_hash:08x}"


def _calibration(link: Link) -> CalibrationOrigin:
    if link.identity is None:
        return CalibrationOrigin.NONE
    if link.identity.calibration_hash == EMULATED.hash:
        return CalibrationOrigin.SIMULATED
    return CalibrationOrigin(link.identity.calibration.name.lower())


def without_nonce(state: ChairState) -> ChairStatus:
    """The same for the retained topic."""
    return ChairStatus(**state.model_dump(exclude={"nonce"}))


def significant(state: ChairState) -> Significant:
    """What makes a change worth a retained publication: not what counts up or down by itself."""
    return (
        state.mode,
        state.boot_id,
        state.identified,
        state.calibration,
        state.calibration_hash,
        state.inputs.model_copy(update={"supply_v": 0.0, "current_a": 0.0}),
        state.arm_ready,
        state.arm_blocker,
        state.arm,
        state.stop_reason,
        state.fault,
        state.reason,
    )
