"""A person, a host and a faulty world do anything in any order: the invariants hold throughout."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    rule,
    run_state_machine_as_test,
)

from calmloop.chair_link.messages import (
    Fault,
    HostStop,
    Inputs,
    State,
    Stop,
)
from tests.unit.firmware_core.any_host import AnyHost, in_state
from tests.unit.firmware_core.hardware import (
    BROWN_OUT,
    EXTERNAL,
    POWER_ON,
    RELEASED,
    WATCHDOG,
    WRAP,
)
from tests.unit.firmware_core.invariants import WatchedChair
from tests.unit.firmware_core.stored import measured_record, simulated_record, store
from tests.unit.firmware_core.witness import GAIN_MAX_S

FIRST_BOOT_ID = 0x1A2B3C4D
TABLES = [simulated_record(), None, measured_record()]
STARTS_MS = [0, WRAP - 3000, (1 << 31) - 3000]
RESETS = [POWER_ON, EXTERNAL, BROWN_OUT, WATCHDOG]

QUIETLY = settings(database=None, suppress_health_check=list(HealthCheck))


class AnythingHappens(AnyHost):
    """What people and hardware may do as well.

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

    def teardown(self) -> None:
        if hasattr(self, "chair"):
            self._leave(self.chair)

    def _leave(self, chair: WatchedChair) -> None:
        self.tables_taken.append(chair.tables_taken)

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
