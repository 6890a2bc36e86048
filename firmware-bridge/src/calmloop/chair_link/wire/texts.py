"""The codes in the words that people are shown.

Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this.
"""

from calmloop.chair_link.wire.codes import (
    ArmBlock,
    CalibrateResult,
    Fault,
    StopReason,
)

FAULT_TEXTS: dict[Fault, str] = {
    Fault.NONE: "no fault",
    Fault.SELF_TEST: "the self-test after reset failed",
    Fault.STORE: "what the chair stores is damaged, or was not kept",
    Fault.WATCHDOG: "the firmware hung and the hardware watchdog reset it",
    Fault.BROWN_OUT: "the controller's supply fell below 4.3 V",
    Fault.OVER_CURRENT: "the drivers drew more than 4 A",
    Fault.CONTACTOR: "the contactor stayed closed while the red button was pressed",
    Fault.SETPOINTS: "five setpoints outside the coded range came within 10 s",
    Fault.CURRENT_SENSOR: "the current sensor showed nothing for 2 s while the chair vibrated",
    Fault.MEMORY: (
        "the controller's memory did not keep the calibration, a ceiling, a lockout, the hour or "
        "the state"
    ),
}

FAULT_REMEDIES: dict[Fault, str] = {
    Fault.NONE: "",
    Fault.SELF_TEST: "switch the chair off and on; if it stays, replace the controller board",
    Fault.STORE: (
        "press ACK; if it returns after a restart, calibrate the chair again; if ACK does nothing, "
        "switch off and on, and replace the controller board if it stays"
    ),
    Fault.WATCHDOG: "press ACK; report it with the log if it happens again",
    Fault.BROWN_OUT: "check power supply and wiring, then press ACK",
    Fault.OVER_CURRENT: (
        "switch off, check transducer, amplifier and cables for a short, then press ACK"
    ),
    Fault.CONTACTOR: (
        "replace the contactor; press the red button once more, release it, then press ACK"
    ),
    Fault.SETPOINTS: "stop the software that sends them, wait 10 s, then press ACK",
    Fault.CURRENT_SENSOR: "check the sensor's wire (PC0) and the transducer's, then press ACK",
    Fault.MEMORY: (
        "switch the chair off and on, then press ACK; if it returns, replace the controller board"
    ),
}

STOP_REASON_TEXTS: dict[StopReason, str] = {
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

ARM_BLOCK_TEXTS: dict[ArmBlock, str] = {
    ArmBlock.OK: "",
    ArmBlock.WRONG_STATE: "the chair is not in SAFE",
    ArmBlock.NOT_IDENTIFIED: "the chair's identity is not confirmed",
    ArmBlock.ESTOP_OPEN: "the red button is pressed: release it and press ACK",
    ArmBlock.LOCKED_OUT: "locked out for a few seconds after a stop or a fault",
    ArmBlock.NO_LEASE: "the safety watchdog has not given a lease for a second",
    ArmBlock.SESSION_SPENT: "30 minutes of the last 60 are used: wait",
    ArmBlock.STALE_NONCE: "the request came more than 500 ms after its nonce",
    ArmBlock.USED_ID: "this start was used already: start again",
    ArmBlock.CHILD_BUTTON: (
        "the child pressed its button, and no stop was latched for it yet: see that "
        "safety-watchdog runs, or run `calmloop chair stop`"
    ),
    ArmBlock.NO_SUPPLY: "the drivers' supply is not 9 to 14.5 V: plug in its power supply",
    ArmBlock.CONTACTOR_OPEN: (
        "the contactor is open though the red button is closed: check its coil and supply"
    ),
}

CALIBRATE_RESULT_TEXTS: dict[CalibrateResult, str] = {
    CalibrateResult.OK: "",
    CalibrateResult.WRONG_STATE: "the chair is not in SAFE",
    CalibrateResult.IMPLAUSIBLE: (
        "a number of the table is outside the plausible range, or its points do not ascend from 30 "
        "to 80 Hz"
    ),
    CalibrateResult.NOT_IDENTIFIED: "the chair's identity is not confirmed",
    CalibrateResult.NOT_CONFIRMED: (
        "ACK at the chair is not held, or not yet for 3 s: let it go, and hold it"
    ),
    CalibrateResult.NOT_STORED: (
        "the EEPROM did not keep it: restart the chair; if it happens again, replace the "
        "controller board"
    ),
    CalibrateResult.JUMPS: (
        "the table differs by more than three times from the one in force: check instrument and "
        "mounting; if it is right, agree to it once more"
    ),
    CalibrateResult.SEAT_OCCUPIED: "somebody sits in the chair: it is calibrated empty",
}
