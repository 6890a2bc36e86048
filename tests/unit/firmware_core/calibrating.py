"""A new calibration for a chair: the tables, and a person who confirms one."""

from calmloop.chair_link.messages import (
    CalibrateResult,
    MessageKind,
)
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import (
    CALIBRATION_AT,
    OTHER_CALIBRATION_AT,
    SLOT_MAX,
    measured_record,
)

TABLE = measured_record()
OTHER = measured_record(at_40hz=1400)
AT, OTHER_AT, SLOT = CALIBRATION_AT, OTHER_CALIBRATION_AT, SLOT_MAX
MISFIT = measured_record(at_40hz=3001)
"""It differs from the simulated chair's table by a little more than three times."""


def answers(chair: CoreChair) -> list[CalibrateResult]:
    chair.run(3)  # taken, stored, told
    return [CalibrateResult(ack.result) for ack in chair.acks if ack.acked is MessageKind.CALIBRATE]


def asked(chair: CoreChair, record: bytes = TABLE, *, may_jump: bool = False) -> CalibrateResult:
    """What the chair answers to a CALIBRATE that comes now."""
    before = len(answers(chair))
    chair.calibrate(record, may_jump=may_jump)
    (answer,) = answers(chair)[before:]
    return answer


def confirmed(chair: CoreChair) -> CoreChair:
    """SAFE, identified, nobody in the chair, and ACK has been held for 3 s."""
    chair.identify()
    chair.boot()
    chair.agree()
    return chair
