"""A chair with a witness beside it: after every tick and every frame the invariants are asked.

The witness knows only what went in (inputs, frames, time) and what PROTOCOL.md promises; it never
looks at how the core decides.
"""

from calmloop.chair_link.messages import (
    Arm,
    Calibrate,
    CalibrationKind,
    Fault,
    Flags,
    HostStop,
    Inputs,
    Lease,
    Message,
    Setpoint,
    State,
    Status,
    Stop,
)
from tests.unit.firmware_core.binding import CCalibration, CView, library
from tests.unit.firmware_core.hardware import POWER_ON, WRAP
from tests.unit.firmware_core.stepped import SteppedChair
from tests.unit.firmware_core.stored import newest_table
from tests.unit.firmware_core.witness import (
    BY_MESSAGE,
    BY_TIME,
    CHILD_PRESS_MS,
    DRIVE_LOST_MS,
    FALL_MS,
    FELT_IN,
    FULL_PPM,
    HOLD_MS,
    LATCHED,
    LEASE_MS,
    LIGHT_SLEW_PPM_PER_MS,
    LIGHT_STEP_MAX_MS,
    LOCKOUT_MS,
    OVER_CURRENT_MA,
    QUIET_MS,
    RISE_MS,
    TTL_MAX_MS,
    Witness,
    in_range,
)


class WatchedChair(SteppedChair):
    """A `CoreChair` that fails on the first breach of an invariant.

    Attributes:
        tables_taken: How many calibrations it has taken.
    """

    def __init__(
        self,
        *,
        boot_id: int,
        image: bytearray,
        now_ms: int = 0,
        reset_flags: int = POWER_ON,
    ) -> None:
        super().__init__(boot_id=boot_id, image=image, now_ms=now_ms, reset_flags=reset_flags)
        self.witness = Witness()
        self.tables_taken = 0
        self._ticked_ms = now_ms
        self.table = newest_table(self.image)
        assert self.view.calibration_hash == self.table.hash
        self._before = self.view

    # --- what happens ----------------------------------------------------------------------

    def _pass(self, count: int, step_ms: int) -> int:
        self._see_inputs((self.now_ms + step_ms) % WRAP)
        return super()._pass(count, step_ms)

    def _after_turn(self, messages: list[Message]) -> None:
        self._check_tick()
        for message in messages:
            if isinstance(message, Status):
                self._check_status(message)
                if Flags.FRESH_NONCE in message.flags:
                    self.witness.issued_ms[message.nonce] = self.witness.now_ms
        super()._after_turn(messages)

    def _see_inputs(self, now_ms: int) -> None:
        self._elapsed_ms = (now_ms - self._ticked_ms) % WRAP
        self._ticked_ms = now_ms
        self.witness.see_inputs(self.inputs, self.supply_mv, self._elapsed_ms)
        self.witness.see_agreement(self._before.state == State.SAFE, self.inputs)

    def send(self, message: Message, *, boot_id: int | None = None, version: int = 1) -> None:
        """A frame arrives; what it may not do is looked at before anything else happens."""
        mine = boot_id in (None, self.boot_id) and version == 1
        before = self.view
        self._note(message, mine, before)
        super().send(message, boot_id=boot_id, version=version)
        self._check_message(message, mine, before)

    def _note(self, message: Message, mine: bool, before: CView) -> None:
        witness = self.witness
        if not mine:
            return
        if isinstance(message, Lease):
            right = message.proof == self.core.lease_proof(self.boot_id, message.nonce)
            issued_ms = witness.issued_ms.get(message.nonce)
            if right and issued_ms is not None:
                witness.lease_end_ms = max(witness.lease_end_ms, issued_ms + LEASE_MS)
        elif (
            isinstance(message, Setpoint)
            and in_range(message)
            and before.state in (State.ARMED, State.ACTIVE)
        ):
            witness.setpoint_end_ms = witness.now_ms + min(message.ttl_ms, TTL_MAX_MS)

    # --- what must hold --------------------------------------------------------------------

    def _check_tick(self) -> None:
        before, after, elapsed_ms = self._before, self.view, self._elapsed_ms
        was, now = State(before.state), State(after.state)
        assert now is was or now in BY_TIME[was], f"{was.name} became {now.name} by itself"
        self._never_above_cap(after)
        self._never_faster_than_slew(before, after, elapsed_ms)
        self._never_too_red(after)
        self._felt_only_when_active(after)
        self._quiet_soon_after_active(was, after)
        self._latched_until_a_person_acts(was, before, after)
        self._runs_only_on_lease_and_setpoint(after)
        self._runs_only_on_power_and_with_the_childs_will(after)
        assert after.child_latched or not before.child_latched, "time forgot the child's press"
        self._lease_ends_in_time(after)
        assert after.lockout_ms >= before.lockout_ms - elapsed_ms, "a lockout was shortened"
        assert after.calibration_hash == before.calibration_hash, "time changed a table"
        self._before = after

    def _check_message(self, message: Message, mine: bool, before: CView) -> None:
        after = self.view
        was, now = State(before.state), State(after.state)
        if now is not was:
            kind = BY_MESSAGE.get((was, now))
            assert kind is type(message), f"{message} made {now.name} of {was.name}"
            assert mine or kind is Stop
        if now is State.ARMED and was is not State.ARMED:
            self._armed_rightly(message, before)
        if after.calibration_hash != before.calibration_hash:
            self._calibrated_rightly(message, mine, before, after)
        elif isinstance(message, Calibrate) and mine and self.witness.agreed:
            self.witness.agreed_to = message.record
        if after.child_latched != before.child_latched:
            assert isinstance(message, Stop), "no STOP, but the child's press is over"
            assert message.reason == HostStop.CHILD_SEEN
            assert mine
        if isinstance(message, Stop):
            assert now not in (State.ARMED, State.ACTIVE), "a STOP was not obeyed"
            assert after.lockout_ms >= 3000
        self._outputs_are_the_gates(before, after)
        self._lease_ends_in_time(after)
        assert after.lockout_ms >= before.lockout_ms, "a frame shortened a lockout"
        self._quiet_soon_after_active(was, after)
        self._before = after

    def _never_above_cap(self, view: CView) -> None:
        assert 30_000 <= view.vibration_mhz <= 80_000
        assert view.vibration_ppm <= self._ceiling_ppm(view)
        assert view.sound_ppm <= self.core.calibration_sound_ppm(self.table)
        assert max(view.red_ppm, view.green_ppm, view.blue_ppm) <= FULL_PPM

    def _ceiling_ppm(self, view: CView) -> int:
        return int(self.core.calibration_vibration_ppm(self.table, view.vibration_mhz))

    def _never_faster_than_slew(self, before: CView, after: CView, elapsed_ms: int) -> None:
        light = LIGHT_SLEW_PPM_PER_MS * min(elapsed_ms, LIGHT_STEP_MAX_MS)
        assert abs(after.red_ppm - before.red_ppm) <= light
        assert abs(after.green_ppm - before.green_ppm) <= light
        assert abs(after.blue_ppm - before.blue_ppm) <= light
        ceiling, sound = self._ceiling_ppm(after), self.core.calibration_sound_ppm(self.table)
        assert after.vibration_ppm - before.vibration_ppm <= ceiling * elapsed_ms / RISE_MS
        assert after.sound_ppm - before.sound_ppm <= sound * elapsed_ms / RISE_MS
        if before.vibration_ppm > 0:
            assert abs(after.vibration_mhz - before.vibration_mhz) <= 20 * elapsed_ms
        if after.state not in LATCHED:
            fall = FULL_PPM // FALL_MS * elapsed_ms
            assert before.sound_ppm - after.sound_ppm <= fall
            assert min(before.vibration_ppm, ceiling) - after.vibration_ppm <= fall

    def _never_too_red(self, view: CView) -> None:
        assert 100 * (view.green_ppm + view.blue_ppm) >= 43 * view.red_ppm

    def _felt_only_when_active(self, view: CView) -> None:
        felt = view.vibration_ppm > 0 or view.sound_ppm > 0
        assert not felt or view.state in FELT_IN, f"felt in {State(view.state).name}"
        assert view.amplifier_enabled == felt
        if view.state == State.BOOT:
            assert (view.red_ppm, view.green_ppm, view.blue_ppm) == (0, 0, 0)

    def _quiet_soon_after_active(self, was: State, view: CView) -> None:
        if view.state == State.ACTIVE:
            self.witness.quiet_by_ms = None
        elif was is State.ACTIVE:
            self.witness.quiet_by_ms = self.witness.now_ms + QUIET_MS
        quiet_by_ms = self.witness.quiet_by_ms
        if quiet_by_ms is not None and self.witness.now_ms >= quiet_by_ms:
            assert not view.amplifier_enabled, "still felt 300 ms after the end"

    def _latched_until_a_person_acts(self, was: State, before: CView, after: CView) -> None:
        witness = self.witness
        acknowledged = witness.acknowledged
        if was in LATCHED and after.state not in LATCHED:
            assert acknowledged, "left without ACK"
            assert witness.red.lasted(False, HOLD_MS), "left with the red button pressed"
            assert self.current_ma <= OVER_CURRENT_MA, "left while the current was too high"
            assert before.fault != Fault.CONTACTOR or witness.contactor_opened
            assert after.lockout_ms >= LOCKOUT_MS[was]
        if before.fault != after.fault:
            assert Fault.NONE in (before.fault, after.fault), "the first fault was overwritten"
            witness.contactor_opened = False
        if acknowledged:
            witness.ack_was_released = False

    def _runs_only_on_lease_and_setpoint(self, view: CView) -> None:
        witness = self.witness
        if view.state in (State.ARMED, State.ACTIVE):
            assert witness.left_ms(witness.lease_end_ms) > 0, "runs without a lease"
        if view.state == State.ACTIVE:
            assert witness.left_ms(witness.setpoint_end_ms) > 0, "runs without a setpoint"
            assert view.session_left_s > 0
        if view.state == State.ARMED:
            assert witness.now_ms - witness.armed_ms < 30_000

    def _runs_only_on_power_and_with_the_childs_will(self, view: CView) -> None:
        witness = self.witness
        if view.state in (State.ARMED, State.ACTIVE):
            assert not witness.supply_lost, "runs without the drivers' supply"
            assert not witness.cut.lasted(True, DRIVE_LOST_MS), "runs without the contactor"
            assert not view.child_latched, "runs against the child's button"
        pressed = witness.child.lasted(True, CHILD_PRESS_MS)
        assert view.child_latched or not pressed, "missed the child's press"

    def _lease_ends_in_time(self, view: CView) -> None:
        witness = self.witness
        assert view.lease_left_ms <= witness.left_ms(witness.lease_end_ms), "a lease too long"

    def _armed_rightly(self, message: Message, before: CView) -> None:
        assert isinstance(message, Arm)
        witness = self.witness
        issued_ms = witness.issued_ms.get(message.nonce)
        assert issued_ms is not None, "armed with a nonce that was never issued"
        assert witness.now_ms - issued_ms < LEASE_MS, "armed with an old nonce"
        assert message.arm_id not in (0, before.arm_id)
        assert before.identified
        assert before.lockout_ms == 0
        assert not before.child_latched
        assert not witness.supply_lost
        assert witness.left_ms(witness.lease_end_ms) > 0
        assert witness.red.lasted(False, HOLD_MS)
        witness.armed_ms = witness.now_ms

    def _calibrated_rightly(
        self, message: Message, mine: bool, before: CView, after: CView
    ) -> None:
        assert mine
        assert isinstance(message, Calibrate)
        assert before.state == State.SAFE, "a table was taken outside of SAFE"
        assert before.identified
        assert not after.identified, "a table was changed under a host that does not know it"
        assert self.witness.agreed, "a table that nobody agreed to"
        assert Inputs.SEAT_OCCUPIED not in self.inputs
        table = CCalibration()
        assert library().calibration_read(table, message.record)
        assert table.kind == CalibrationKind.MEASURED
        if self.table.hash and library().calibration_jumps(self.table, table):
            assert message.may_jump
            assert self.witness.agreed_to == message.record, "a jump that was agreed to once"
        self.witness.may_agree, self.witness.agreeing_ms = False, None
        self.witness.agreed_to = None
        self.tables_taken += 1
        self.table = table
        assert self.table.hash == after.calibration_hash

    @staticmethod
    def _outputs_are_the_gates(before: CView, after: CView) -> None:
        for name in ("vibration_ppm", "sound_ppm", "red_ppm", "green_ppm", "blue_ppm"):
            assert getattr(before, name) == getattr(after, name), "a frame moved an output"

    @staticmethod
    def _check_status(status: Status) -> None:
        assert 100 * (status.green_permille + status.blue_permille) >= 43 * status.red_permille
        if status.state not in FELT_IN:
            assert (status.vibration_permille, status.sound_permille) == (0, 0)
