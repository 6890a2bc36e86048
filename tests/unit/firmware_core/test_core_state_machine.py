"""A person, a host and a faulty world do anything in any order: the invariants hold throughout."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from calmloop.chair_link.frames import Frame, encode
from calmloop.chair_link.messages import (
    Arm,
    Calibrate,
    Fault,
    HostStop,
    Inputs,
    Lease,
    Setpoint,
    State,
    Stop,
)
from tests.unit.firmware_core.core import BROWN_OUT, EXTERNAL, POWER_ON, RELEASED, WATCHDOG, WRAP
from tests.unit.firmware_core.invariants import GAIN_MAX_S, WatchedChair
from tests.unit.firmware_core.stored import measured_record, simulated_record, store

Rule = Callable[..., None]
FIRST_BOOT_ID = 0x1A2B3C4D
TABLES = [simulated_record(), None, measured_record()]
STARTS_MS = [0, WRAP - 3000, (1 << 31) - 3000]
RESETS = [POWER_ON, EXTERNAL, BROWN_OUT, WATCHDOG]

permille = st.one_of(st.sampled_from([0, 1000]), st.integers(0, 1000))
setpoints = st.builds(
    Setpoint,
    tag=st.integers(1, 65535),
    vibration_dhz=st.one_of(st.sampled_from([300, 400, 800]), st.integers(300, 800)),
    vibration_permille=permille,
    sound_permille=permille,
    red_permille=permille,
    green_permille=permille,
    blue_permille=permille,
    ttl_ms=st.sampled_from([500, 500, 500, 60, 1, 65535]),
)
records = st.one_of(
    st.sampled_from([measured_record(), measured_record(at_40hz=3000), simulated_record()]),
    st.builds(
        measured_record,
        at_30hz=st.sampled_from([49, 50, 730, 20_000, 20_001]),
        at_40hz=st.integers(50, 20_000),
        sound_ddba=st.sampled_from([399, 400, 751, 1200, 1201]),
    ),
)
any_frame = st.builds(
    Frame,
    kind=st.sampled_from([1, 2, 3, 4, 5, 6, 0, 0x81]),
    seq=st.just(0),
    boot_id=st.sampled_from([0, 1]),
    payload=st.binary(max_size=48),
)
garbage = st.one_of(st.binary(max_size=80), st.builds(encode, any_frame))

QUIETLY = settings(database=None, suppress_health_check=list(HealthCheck))


def in_state(*states: State) -> Callable[[Rule], Rule]:
    """A rule for some states only, so that every run gets somewhere."""
    return precondition(lambda machine: machine.chair.state() in states)


class AnythingHappens(RuleBasedStateMachine):
    """Each rule is one thing that people, host, line or hardware may do.

    Attributes:
        begin: Where the runs begin; each state has runs of its own, so that none is left to chance.
    """

    begin = State.SAFE
    tables_taken: list[int] = []  # noqa: RUF012 - gathered over all runs on purpose

    @initialize(table=st.sampled_from(TABLES), start_ms=st.sampled_from(STARTS_MS))
    def switch_on(self, table: bytes | None, start_ms: int) -> None:
        self.arm_id = 0
        self.chair = WatchedChair(
            boot_id=FIRST_BOOT_ID, image=store(calibration=table), now_ms=start_ms
        )
        self.identify()
        self.chair.leased = True
        self.chair.run(100 if self.begin is State.BOOT else 2300, step_ms=10)
        self.go_to(self.begin)
        assert self.chair.state() is self.begin

    def go_to(self, state: State) -> None:
        """From SAFE, a new table in it, to a state, as a person would bring it there."""
        chair = self.chair
        if state is State.SAFE:
            self.a_person_calibrates(measured_record(at_40hz=800), seated=False)
        elif state is State.ESTOP:
            self.the_red_button_is_tapped(held_ms=60, welded=False)
        elif state is State.FAULT:
            self.the_current_changes(current_ma=9000, for_ms=12)
        elif state in (State.ARMED, State.ACTIVE, State.RAMPDOWN):
            self.a_person_starts()
        if state in (State.ACTIVE, State.RAMPDOWN):
            chair.setpoint(vibration_permille=1000)
            chair.run(400, step_ms=10)
        if state is State.RAMPDOWN:
            chair.stop(1)
            chair.run(1)

    def identify(self) -> None:
        self.chair.identify(calibration_hash=self.chair.table.hash)

    def teardown(self) -> None:
        if hasattr(self, "chair"):
            self._leave(self.chair)

    def _leave(self, chair: WatchedChair) -> None:
        self.tables_taken.append(chair.tables_taken)

    # --- time ------------------------------------------------------------------------------

    @rule(duration_ms=st.integers(1, 120))
    def time_passes(self, duration_ms: int) -> None:
        self.chair.run(duration_ms)

    @rule(duration_ms=st.integers(100, 2500), step_ms=st.integers(3, 10))
    def time_passes_coarsely(self, duration_ms: int, step_ms: int) -> None:
        self.chair.run(duration_ms, step_ms)

    @rule(late_ms=st.integers(11, 250))
    def a_tick_comes_late(self, late_ms: int) -> None:
        self.chair.run(late_ms, step_ms=late_ms)

    # --- the host --------------------------------------------------------------------------

    @in_state(State.SAFE)
    @rule()
    def a_person_starts(self) -> None:
        """Everything as it should be: what the invariants must not forbid."""
        chair = self.chair
        self.identify()
        chair.leased = True
        chair.run(chair.view.lockout_ms + 1500, step_ms=10)
        self.arm()

    @rule()
    def arm(self) -> None:
        self.arm_id += 1
        self.chair.arm(self.arm_id)

    @rule(back=st.integers(1, 12), own_id=st.booleans())
    def arm_with_an_old_nonce(self, back: int, own_id: bool) -> None:
        nonces = list(self.chair.witness.issued_ms)
        self.chair.send(Arm(self.arm_id + own_id, nonces[-min(back, len(nonces))]))

    @rule(arm_id=st.sampled_from([0, 1]))
    def arm_with_a_spent_id(self, arm_id: int) -> None:
        self.chair.arm(arm_id and self.arm_id)

    @rule(nonce=st.integers(0, WRAP - 1))
    def arm_with_an_invented_nonce(self, nonce: int) -> None:
        self.chair.send(Arm(self.arm_id + 1, nonce))

    @in_state(State.ARMED, State.ACTIVE)
    @rule(setpoint=setpoints, times=st.integers(1, 8), every_ms=st.sampled_from([1, 20, 50, 99]))
    def drive(self, setpoint: Setpoint, times: int, every_ms: int) -> None:
        for _ in range(times):
            self.chair.send(setpoint)
            self.chair.run(every_ms)

    @in_state(State.ARMED, State.ACTIVE)
    @rule(setpoint=setpoints)
    def drive_for_long(self, setpoint: Setpoint) -> None:
        for _ in range(20):
            self.chair.send(setpoint)
            self.chair.run(100, step_ms=4)

    @rule(setpoint=setpoints)
    def a_setpoint_out_of_place(self, setpoint: Setpoint) -> None:
        self.chair.send(setpoint)

    @rule(field=st.sampled_from(["vibration_permille", "tag", "ttl_ms"]), times=st.integers(1, 3))
    def wrong_setpoints(self, field: str, times: int) -> None:
        for _ in range(times):
            self.chair.setpoint(**{field: 1001 if field == "vibration_permille" else 0})

    @rule(tag=st.integers(0, 65535))
    def stop(self, tag: int) -> None:
        self.chair.stop(tag)

    @rule(answered=st.booleans())
    def the_watchdog_answers_or_not(self, answered: bool) -> None:
        self.chair.leased = answered

    @rule(back=st.integers(1, 12))
    def a_lease_comes_late(self, back: int) -> None:
        nonces = list(self.chair.witness.issued_ms)
        nonce = nonces[-min(back, len(nonces))]
        self.chair.send(Lease(nonce, self.chair.core.lease_proof(self.chair.boot_id, nonce)))

    @rule(kind=st.sampled_from(["echo", "other boot", "one bit"]))
    def a_wrong_lease_comes(self, kind: str) -> None:
        chair, before = self.chair, self.chair.view
        proof = {
            "echo": before.nonce,
            "other boot": chair.core.lease_proof(chair.boot_id ^ 1, before.nonce),
            "one bit": chair.core.lease_proof(chair.boot_id, before.nonce) ^ 0x400,
        }[kind]
        chair.send(Lease(before.nonce, proof))
        assert chair.view.refused == min(before.refused + 1, 65535)
        assert chair.view.lease_left_ms == before.lease_left_ms

    @rule(setpoint=setpoints, boot_id=st.integers(0, 3), version=st.integers(0, 2))
    def frames_of_another_boot(self, setpoint: Setpoint, boot_id: int, version: int) -> None:
        chair, before = self.chair, self.chair.view
        chair.send(setpoint, boot_id=boot_id, version=version)
        chair.send(Arm(self.arm_id + 1, before.nonce), boot_id=boot_id, version=version)
        assert chair.view.refused == min(before.refused + 2, 65535)

    def hold_ack(self, for_ms: int) -> None:
        chair = self.chair
        chair.inputs &= ~Inputs.ACK_PRESSED
        chair.run(60)
        chair.inputs |= Inputs.ACK_PRESSED
        chair.run(for_ms, step_ms=10)

    @rule(record=records, may_jump=st.booleans(), for_ms=st.sampled_from([0, 60, 2990, 3010]))
    def calibrate(self, record: bytes, may_jump: bool, for_ms: int) -> None:
        if for_ms:
            self.hold_ack(for_ms)
        self.chair.send(Calibrate(may_jump, record))
        self.chair.run(3)

    @in_state(State.SAFE)
    @rule(record=records, seated=st.sampled_from([False, False, False, True]))
    def a_person_calibrates(self, record: bytes, seated: bool) -> None:
        """Everything as it should be, but for who sits there: what must not be forbidden."""
        chair = self.chair
        self.identify()
        chair.inputs &= ~Inputs.SEAT_OCCUPIED
        if seated:
            chair.inputs |= Inputs.SEAT_OCCUPIED
        for may_jump in (False, True):
            self.hold_ack(3100)
            chair.send(Calibrate(may_jump, record))
            chair.run(3)

    @rule(matching=st.booleans())
    def identify_rightly_or_not(self, matching: bool) -> None:
        self.identify() if matching else self.chair.identify(cap_hash=1)

    @rule(data=garbage, times=st.sampled_from([1, 1, 1, 25]))
    def noise_on_the_line(self, data: bytes, times: int) -> None:
        before = self.chair.view
        self.chair.receive((data + b"\0") * times)
        after = self.chair.view
        stopped = (before.state, after.state) in {
            (State.ACTIVE, State.RAMPDOWN),
            (State.ARMED, State.SAFE),
        }
        assert after.state == before.state or stopped
        assert after.lease_left_ms == before.lease_left_ms

    # --- hands and hardware ----------------------------------------------------------------

    @rule(held_ms=st.sampled_from([5, 9, 12, 60, 250]), welded=st.booleans())
    def the_red_button_is_tapped(self, held_ms: int, welded: bool) -> None:
        chair = self.chair
        chair.inputs |= Inputs.ESTOP_OPEN
        if not welded:
            chair.inputs &= ~Inputs.CONTACTOR_CLOSED
        chair.run(held_ms)
        chair.inputs = RELEASED | (chair.inputs & Inputs.ACK_PRESSED)

    @rule(pressed=st.booleans())
    def the_red_button_stays(self, pressed: bool) -> None:
        inputs = (RELEASED | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
        self.chair.inputs = inputs if pressed else RELEASED

    @rule(pressed=st.booleans())
    def ack_stays(self, pressed: bool) -> None:
        ack = Inputs.ACK_PRESSED
        self.chair.inputs = self.chair.inputs | ack if pressed else self.chair.inputs & ~ack

    @in_state(State.FAULT, State.ESTOP)
    @rule(released_ms=st.sampled_from([40, 60]), pressed_ms=st.sampled_from([40, 60]))
    def ack_is_pressed(self, released_ms: int, pressed_ms: int) -> None:
        self.chair.inputs &= ~Inputs.ACK_PRESSED
        self.chair.run(released_ms)
        self.chair.press(Inputs.ACK_PRESSED, pressed_ms)

    @in_state(State.FAULT, State.ESTOP)
    @rule()
    def a_person_puts_it_right(self) -> None:
        """Cause gone, contactor shown, red button released, ACK: SAFE, and nothing less."""
        chair = self.chair
        chair.current_ma = 150
        chair.inputs = (RELEASED | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
        chair.run(60)
        chair.inputs = RELEASED
        chair.run(60)
        chair.acknowledge()
        assert chair.state() is State.SAFE

    @rule(current_ma=st.sampled_from([150, 4000, 4001, 9000]), for_ms=st.sampled_from([3, 9, 12]))
    def the_current_changes(self, current_ma: int, for_ms: int) -> None:
        self.chair.current_ma = current_ma
        self.chair.run(for_ms)

    @rule(held_ms=st.sampled_from([3, 9, 10, 15, 40]))
    def the_child_presses(self, held_ms: int) -> None:
        self.chair.press(Inputs.CHILD_BUTTON, held_ms)

    @rule(boot_id=st.sampled_from([None, 1]))
    def the_press_is_seen(self, boot_id: int | None) -> None:
        self.chair.send(Stop(HostStop.CHILD_SEEN, 5), boot_id=boot_id)

    @rule(supply_mv=st.sampled_from([0, 8999, 9000, 12_000, 14_500, 14_501]))
    def the_supply_changes(self, supply_mv: int) -> None:
        self.chair.supply_mv = supply_mv
        self.chair.run(25)
        self.chair.supply_mv = 12_000
        self.chair.run(205, step_ms=5)

    @in_state(State.SAFE, State.ARMED, State.ACTIVE)
    @rule(for_ms=st.sampled_from([10, 19, 25, 300]))
    def the_contactor_opens(self, for_ms: int) -> None:
        self.chair.inputs &= ~Inputs.CONTACTOR_CLOSED
        self.chair.run(for_ms)
        self.chair.inputs |= Inputs.CONTACTOR_CLOSED

    @rule(reset_flags=st.sampled_from(RESETS), start_ms=st.sampled_from(STARTS_MS))
    def it_is_reset(self, reset_flags: int, start_ms: int) -> None:
        old = self.chair
        old.run(8)  # what changed last is written in the turns after it
        before = old.view
        self._leave(old)
        self.arm_id = 0
        self.chair = WatchedChair(
            boot_id=old.boot_id + 2,
            image=old.image,
            now_ms=start_ms,
            reset_flags=reset_flags,
        )
        after = self.chair.view
        assert after.session_budget_s <= before.session_budget_s + GAIN_MAX_S
        assert after.lockout_ms == (10_000 if before.lockout_ms > 3000 else after.lockout_ms)
        assert after.lockout_ms >= 3000
        self.chair.leased = old.leased
        self.chair.run(2000, step_ms=10)
        assert self.chair.state() is not State.BOOT
        if before.fault != Fault.NONE:
            assert (self.chair.state(), self.chair.view.fault) == (State.FAULT, before.fault)
        elif before.state == State.ESTOP:
            assert self.chair.state() in (State.ESTOP, State.FAULT)


def run(begin: State, chosen: settings) -> None:
    AnythingHappens.begin, AnythingHappens.tables_taken = begin, []
    run_state_machine_as_test(AnythingHappens, settings=chosen)
    if begin is State.SAFE:
        assert sum(AnythingHappens.tables_taken) > 0, "no run took a calibration"


@pytest.mark.parametrize("begin", State)
def test_invariants_hold_whatever_happens(begin: State) -> None:
    run(begin, settings(QUIETLY, max_examples=12, stateful_step_count=50))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("begin", State)
def test_invariants_hold_whatever_happens_for_long(begin: State) -> None:
    run(begin, settings(QUIETLY, max_examples=400, stateful_step_count=80, derandomize=False))
