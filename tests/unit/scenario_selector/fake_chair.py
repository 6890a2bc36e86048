"""The chair as the engine hears of it: it arms, plays and falls back to safe."""

from calmloop.contract.messages.chair import (
    Applied,
    ArmOutcome,
    ArmResult,
    CalibrationOrigin,
    ChairMode,
    ChairState,
    Inputs,
)
from calmloop.contract.messages.stimulus import Setpoint

TTL_S = 0.5


class FakeChair:
    """Arms when it is asked to, is active while setpoints come, safe otherwise."""

    def __init__(self) -> None:
        self.mode = ChairMode.SAFE
        self.calibration = CalibrationOrigin.MEASURED
        self.arm: ArmResult | None = None
        self.answers_arming = True
        self.refuses_arming = ""
        self.silent = False
        self.less_pressed = False
        self.blocker = ""
        self.lockout_s = 0.0
        self.session_left_s = 1800.0
        self.asked_s = float("-inf")
        self.setpoint = Setpoint()

    def ask_to_arm(self, start_id: str) -> None:
        if not self.answers_arming:
            return
        outcome = ArmOutcome.REFUSED if self.refuses_arming else ArmOutcome.ACCEPTED
        self.arm = ArmResult(start_id=start_id, outcome=outcome, reason=self.refuses_arming)
        if outcome is ArmOutcome.ACCEPTED:
            self.mode = ChairMode.ARMED

    def take(self, setpoint: Setpoint, now_s: float) -> None:
        self.asked_s, self.setpoint = now_s, setpoint
        if self.mode is ChairMode.ARMED:
            self.mode = ChairMode.ACTIVE

    def state(self, now_s: float) -> ChairState:
        if self.mode is ChairMode.ACTIVE and now_s - self.asked_s > TTL_S:
            self.mode = ChairMode.SAFE
        active = self.mode is ChairMode.ACTIVE
        return ChairState(
            mode=self.mode,
            calibration=self.calibration,
            arm_ready=self.mode is ChairMode.SAFE and not self.blocker,
            arm_blocker=self.blocker,
            arm=self.arm,
            lockout_s=self.lockout_s,
            session_left_s=self.session_left_s if active else 0.0,
            inputs=Inputs(child_less=self.less_pressed),
            applied=Applied(
                vibration_pct=self.setpoint.vibration.level_pct if active else 0.0,
                sound_pct=self.setpoint.sound.level_pct if active else 0.0,
            ),
        )
