"""Rules for a state machine: what a host, a watchdog and the line may do to a chair."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
)

from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.messages import (
    Arm,
    Calibrate,
    Inputs,
    Lease,
    Setpoint,
    State,
)
from tests.unit.firmware_core.hardware import (
    WRAP,
)
from tests.unit.firmware_core.invariants import WatchedChair
from tests.unit.firmware_core.stored import measured_record, simulated_record

Rule = Callable[..., None]

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
    WireFrame,
    kind=st.sampled_from([1, 2, 3, 4, 5, 6, 0, 0x81]),
    seq=st.just(0),
    boot_id=st.sampled_from([0, 1]),
    payload=st.binary(max_size=48),
)
garbage = st.one_of(st.binary(max_size=80), st.builds(encode, any_frame))


def in_state(*states: State) -> Callable[[Rule], Rule]:
    """A rule for some states only, so that every run gets somewhere."""
    return precondition(lambda machine: machine.chair.state() in states)


class AnyHost(RuleBasedStateMachine):
    """Each rule is one thing that a host, the line or time may do.

    Attributes:
        chair: The chair that it happens to.
        arm_id: Of the newest ARM; 0 since a reset.
    """

    chair: WatchedChair
    arm_id: int

    def identify(self) -> None:
        self.chair.identify(calibration_hash=self.chair.table.hash)

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
