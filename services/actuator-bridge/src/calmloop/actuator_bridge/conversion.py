"""Between the bus' units (percent, hertz, seconds) and the link's (per mille, 0.1 Hz, ms)."""

from calmloop.chair_link.explanations import FAULTS
from calmloop.chair_link.messages import Fault, Flags, Setpoint, Status
from calmloop.chair_link.messages import Inputs as InputBits
from calmloop.chair_link.metrics import LinkMetrics
from calmloop.contract.messages import stimulus
from calmloop.contract.messages.chair import Applied, Inputs, LinkQuality
from calmloop.contract.messages.stimulus import Light

PERMILLE_PER_PERCENT = 10
DHZ_PER_HZ = 10


def setpoint_of(message: stimulus.Setpoint, age_s: float) -> Setpoint | None:
    """The setpoint as the chair takes it, with what is left of its time.

    Args:
        message: As it came over the bus.
        age_s: How old it is by now.

    Returns:
        None when its time is over. The tag is 0: the link gives one.
    """
    left_ms = message.ttl_ms - round(age_s * 1000)
    if left_ms <= 0:
        return None
    return Setpoint(
        tag=0,
        vibration_dhz=round(message.vibration.frequency_hz * DHZ_PER_HZ),
        vibration_permille=_permille(message.vibration.level_pct),
        sound_permille=_permille(message.sound.level_pct),
        red_permille=_permille(message.light.red_pct),
        green_permille=_permille(message.light.green_pct),
        blue_permille=_permille(message.light.blue_pct),
        ttl_ms=left_ms,
    )


def _permille(percent: float) -> int:
    return round(percent * PERMILLE_PER_PERCENT)


def applied_of(status: Status) -> Applied:
    """What the outputs do, as the chair reports it."""
    return Applied(
        vibration_pct=status.vibration_permille / PERMILLE_PER_PERCENT,
        vibration_hz=status.vibration_dhz / DHZ_PER_HZ,
        sound_pct=status.sound_permille / PERMILLE_PER_PERCENT,
        light=Light(
            red_pct=status.red_permille / PERMILLE_PER_PERCENT,
            green_pct=status.green_permille / PERMILLE_PER_PERCENT,
            blue_pct=status.blue_permille / PERMILLE_PER_PERCENT,
        ),
    )


def inputs_of(status: Status) -> Inputs:
    """The chair's inputs; the child's button stays pressed until its press was seen."""
    bits = status.inputs
    return Inputs(
        estop=InputBits.ESTOP_OPEN in bits,
        ack=InputBits.ACK_PRESSED in bits,
        seat=InputBits.SEAT_OCCUPIED in bits,
        enclosure_closed=InputBits.ENCLOSURE_OPEN not in bits,
        child_button=InputBits.CHILD_BUTTON in bits or Flags.CHILD_LATCHED in status.flags,
        child_less=InputBits.CHILD_SECOND in bits,
        supply_v=status.supply_mv / 1000,
        current_a=status.current_ma / 1000,
    )


def fault_of(status: Status) -> tuple[str, str]:
    """The fault's name and what to do; both empty without one."""
    if status.fault is Fault.NONE:
        return "", ""
    explanation = FAULTS[status.fault]
    name = status.fault.name.lower().replace("_", "-")
    return name, f"{explanation.cause}: {explanation.remedy}"


def link_quality_of(metrics: LinkMetrics, reopened: int) -> LinkQuality:
    """How well the link does."""
    return LinkQuality(
        round_trip_ms=_milliseconds(metrics.round_trip_s),
        status_to_lease_ms=_milliseconds(metrics.status_to_lease_s),
        sent=metrics.sent,
        received=metrics.received,
        lost=metrics.lost,
        bad_crc=metrics.bad,
        reopened=reopened,
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
