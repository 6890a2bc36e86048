"""The chair's codes in plain words, with what a person does next."""

from dataclasses import dataclass

from calmloop.chair_link.messages import ArmBlock, CalibrateResult, Fault, StopReason


@dataclass(frozen=True)
class Explanation:
    """Why, and what to do."""

    cause: str
    remedy: str


FAULTS: dict[Fault, Explanation] = {
    Fault.NONE: Explanation("no fault", ""),
    Fault.SELF_TEST: Explanation(
        "the self-test after reset failed",
        "switch the chair off and on; if it stays, replace the controller board",
    ),
    Fault.STORE: Explanation(
        "what the chair stores is damaged, or was not kept",
        "press ACK; if it returns after a restart, calibrate the chair again; if ACK does nothing, "
        "switch off and on, and replace the controller board if it stays",
    ),
    Fault.WATCHDOG: Explanation(
        "the firmware hung and the hardware watchdog reset it",
        "press ACK; report it with the log if it happens again",
    ),
    Fault.BROWN_OUT: Explanation(
        "the controller's supply fell below 4.3 V",
        "check power supply and wiring, then press ACK",
    ),
    Fault.OVER_CURRENT: Explanation(
        "the drivers drew more than 4 A",
        "switch off, check transducer, amplifier and cables for a short, then press ACK",
    ),
    Fault.CONTACTOR: Explanation(
        "the contactor stayed closed while the red button was pressed",
        "replace the contactor; press the red button once more, release it, then press ACK",
    ),
    Fault.SETPOINTS: Explanation(
        "five setpoints outside the coded range came within 10 s",
        "stop the software that sends them, wait 10 s, then press ACK",
    ),
    Fault.CURRENT_SENSOR: Explanation(
        "the current sensor showed nothing for 2 s while the chair vibrated",
        "check the sensor's wire (PC0) and the transducer's, then press ACK",
    ),
    Fault.MEMORY: Explanation(
        "the controller's memory did not keep the calibration, a ceiling or the state",
        "switch the chair off and on, then press ACK; if it returns, replace the controller board",
    ),
}

STOPS: dict[StopReason, str] = {
    StopReason.NONE: "",
    StopReason.HOST: "a stop was sent",
    StopReason.LEASE: "the safety watchdog's lease ran out",
    StopReason.TTL: "no setpoint came for 500 ms",
    StopReason.SESSION: "the session's time is used up",
    StopReason.BAD_FRAMES: "more than 20 bad frames came in a second",
    StopReason.NO_SETPOINT: "no setpoint came within 30 s of arming",
    StopReason.FAULT: "a fault",
    StopReason.ESTOP: "the red button",
    StopReason.CHILD_BUTTON: "the child pressed its button",
    StopReason.NO_SUPPLY: "the drivers' supply was lost (not 9 to 14.5 V)",
    StopReason.CONTACTOR_OPEN: "the contactor opened though the red button is closed",
}

ARM_BLOCKS: dict[ArmBlock, str] = {
    ArmBlock.OK: "",
    ArmBlock.WRONG_STATE: "the chair is not in SAFE",
    ArmBlock.NOT_IDENTIFIED: "the chair's identity is not confirmed",
    ArmBlock.ESTOP_OPEN: "the red button is pressed: release it and press ACK",
    ArmBlock.LOCKED_OUT: "locked out for a few seconds after a stop or a fault",
    ArmBlock.NO_LEASE: "the safety watchdog has not given a lease for a second",
    ArmBlock.SESSION_SPENT: "30 minutes of the last 60 are used: wait",
    ArmBlock.STALE_NONCE: "the request came more than 500 ms after its nonce",
    ArmBlock.USED_ID: "this start was used already: start again",
    ArmBlock.CHILD_BUTTON: "the child pressed its button, and no stop was latched for it yet: see "
    "that safety-watchdog runs, or run `calmloop chair stop`",
    ArmBlock.NO_SUPPLY: "the drivers' supply is not 9 to 14.5 V: plug in its power supply",
    ArmBlock.CONTACTOR_OPEN: "the contactor is open though the red button is closed: check its "
    "coil and supply",
}

CALIBRATIONS: dict[CalibrateResult, str] = {
    CalibrateResult.OK: "",
    CalibrateResult.WRONG_STATE: "the chair is not in SAFE",
    CalibrateResult.IMPLAUSIBLE: "a number of the table is outside the plausible range, or its "
    "points do not ascend from 30 to 80 Hz",
    CalibrateResult.NOT_IDENTIFIED: "the chair's identity is not confirmed",
    CalibrateResult.NOT_CONFIRMED: "ACK at the chair is not held, or not yet for 3 s: let it go, "
    "and hold it",
    CalibrateResult.NOT_STORED: "the EEPROM did not keep it: restart the chair; if it happens "
    "again, replace the controller board",
    CalibrateResult.JUMPS: "the table differs by more than three times from the one in force: "
    "check instrument and mounting; if it is right, agree to it once more",
    CalibrateResult.SEAT_OCCUPIED: "somebody sits in the chair: it is calibrated empty",
}

NOT_CALIBRATED = "not calibrated: at most 10 %; run `calmloop chair calibrate`"
"""Of a chair without a table, and of one whose table is firmware 1.1's, which is not read."""
