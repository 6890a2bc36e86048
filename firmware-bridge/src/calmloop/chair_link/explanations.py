"""The chair's codes in the words of `protocol.toml`, with what a person does next."""

from dataclasses import dataclass

from calmloop.chair_link.wire.codes import ArmBlock, CalibrateResult, Fault, StopReason
from calmloop.chair_link.wire.texts import (
    ARM_BLOCK_TEXTS,
    CALIBRATE_RESULT_TEXTS,
    FAULT_REMEDIES,
    FAULT_TEXTS,
    STOP_REASON_TEXTS,
)


@dataclass(frozen=True)
class Explanation:
    """Why, and what to do."""

    cause: str
    remedy: str


FAULTS: dict[Fault, Explanation] = {
    fault: Explanation(FAULT_TEXTS[fault], FAULT_REMEDIES[fault]) for fault in Fault
}
STOPS: dict[StopReason, str] = STOP_REASON_TEXTS
ARM_BLOCKS: dict[ArmBlock, str] = ARM_BLOCK_TEXTS
CALIBRATIONS: dict[CalibrateResult, str] = CALIBRATE_RESULT_TEXTS

NOT_CALIBRATED = "not calibrated: at most 10 %; run `calmloop chair calibrate`"
"""Of a chair without a table, and of one whose table is firmware 1.1's, which is not read."""
