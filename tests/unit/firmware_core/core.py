"""The firmware's real core, compiled for this machine and driven millisecond by millisecond."""

import ctypes

from calmloop.chair_link.frames import Frame, FrameReader, encode
from calmloop.chair_link.messages import (
    Ack,
    Arm,
    Calibrate,
    Flags,
    Identify,
    Identity,
    Inputs,
    Lease,
    Message,
    Setpoint,
    State,
    Status,
    Stop,
    read_message,
)
from tests.unit.firmware_core.binding import CRow, CTurns, CView, library
from tests.unit.firmware_core.stored import simulated_record, store

POWER_ON, EXTERNAL, BROWN_OUT, WATCHDOG = 1, 2, 4, 8
RELEASED = Inputs.SEAT_OCCUPIED | Inputs.CONTACTOR_CLOSED
WRAP = 1 << 32
CAP_HASH = 0xBF7501D5
SIMULATED_HASH = 0x8ED8DFCB


class CoreChair:
    """A chair that a test owns: its time, its buttons, its power and both ends of its line.

    Attributes:
        now_ms: The chair's clock; wraps as a uint32 does.
        leased: Every fresh nonce is answered at once, as a healthy watchdog does.
        writes_last: How many turns a write to the store takes; None never ends.
        keeps: Whether what is written reads back as it was given.
        writes: How many writes to the store were taken.
        bad_slots: Addresses at which nothing is kept, whatever is written.
        supply_mv: The drivers' supply.
        wire: Everything the chair has sent, as bytes.
    """

    def __init__(
        self,
        *,
        boot_id: int = 0x1A2B3C4D,
        reset_flags: int = POWER_ON,
        self_test_ok: bool = True,
        boot_id_kept: bool = True,
        entropy: int = 0,
        simulated: bool = True,
        image: bytearray | None = None,
        now_ms: int = 0,
    ) -> None:
        self.core = library()
        self.boot_id = boot_id
        self.now_ms = now_ms
        self.inputs = RELEASED
        self.current_ma = 150
        self.supply_mv = 12_000
        self.leased = False
        self.image = image if image is not None else store(calibration=simulated_record())
        self.writes_last: int | None = 1
        self.keeps = True
        self.bad_slots: set[int] = set()
        self.writes = 0
        self.wire = bytearray()
        self._heard: list[Message] = []
        self._unread = bytearray()
        self._reader = FrameReader()
        self._turns = CTurns()
        self._seq = 0
        self._writing_turns = 0
        self._kept = True
        self._chair = self.core.host_new(
            boot_id,
            reset_flags,
            self_test_ok,
            boot_id_kept,
            entropy,
            simulated,
            bytes(self.image),
            now_ms,
        )

    def __del__(self) -> None:
        self.core.host_free(self._chair)

    # --- the hardware's side ---------------------------------------------------------------

    def turn(self) -> None:
        """One tick at the time that it is, and what the hardware does after it."""
        self._pass(1, 0)

    def run(self, duration_ms: int, step_ms: int = 1) -> None:
        """Lets time pass, with a tick every `step_ms`."""
        left = duration_ms // step_ms
        while left > 0:
            left -= self._pass(left, step_ms)

    def _pass(self, count: int, step_ms: int) -> int:
        """As many turns, up to `count`, as pass in one row; returns how many."""
        writing = self._writing_turns > 0
        if writing and self.writes_last is not None:
            count = min(count, self.writes_last - self._writing_turns + 1)
        done = self._row(count, step_ms, leases=self.leased)
        if writing:
            self._go_on_writing(done)
        elif self._turns.store_size > 0:
            self._begin_to_write()
        return done

    def _row(self, count: int, step_ms: int, *, leases: bool) -> int:
        """Turns in a row, until something is to be stored."""
        row = CRow(
            self.now_ms,
            step_ms,
            count,
            self.current_ma,
            self.supply_mv,
            int(self.inputs),
            leases,
            self._writing_turns == 0,
        )
        done = int(self.core.host_run(self._chair, row, self._turns))
        self.now_ms = (self.now_ms + done * step_ms) % WRAP
        if self._turns.wire_size > 0:
            self.wire += self._turns.sent
            self._unread += self._turns.sent
        return done

    def run_until(self, state: State, within_ms: int) -> int:
        """Lets time pass until the chair is in `state`; returns the milliseconds it took."""
        for passed_ms in range(within_ms + 1):
            if self.state() is state:
                return passed_ms
            self.run(1)
        raise AssertionError(f"not {state.name} within {within_ms} ms, but {self.state().name}")

    def press(self, button: Inputs, duration_ms: int) -> None:
        """Holds a button (or a switch) down for a while, and lets go."""
        self.inputs |= button
        self.run(duration_ms)
        self.inputs &= ~button

    def flip(self, bit: int) -> None:
        """One bit of the core's memory changes by itself."""
        ctypes.c_uint8.from_address(self.address + bit // 8).value ^= 1 << bit % 8

    def acknowledge(self) -> None:
        """A person presses ACK the way that counts."""
        self.inputs &= ~Inputs.ACK_PRESSED
        self.run(60)
        self.press(Inputs.ACK_PRESSED, 60)
        self.run(1)

    def agree(self, held_ms: int = 3000) -> None:
        """A person beside the empty chair lets ACK go, and holds it from now on."""
        self.inputs &= ~(Inputs.ACK_PRESSED | Inputs.SEAT_OCCUPIED)
        self.run(60)
        self.inputs |= Inputs.ACK_PRESSED
        self.run(held_ms + 1)

    def _begin_to_write(self) -> None:
        at, data = self._turns.store_at, self._turns.stored
        self._writing_turns = 1
        self.writes += 1
        self._kept = self.keeps and at not in self.bad_slots
        if self._kept:
            self.image[at : at + len(data)] = data

    def _go_on_writing(self, turns: int) -> None:
        self._writing_turns += turns
        if self.writes_last is not None and self._writing_turns > self.writes_last:
            self._writing_turns = 0
            self.core.chair_store_written(self._chair, self._kept)

    # --- the host's side -------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes arrive on the line now."""
        self.core.chair_receive(self._chair, data, len(data), self.now_ms)

    def send(self, message: Message, *, boot_id: int | None = None, version: int = 1) -> None:
        """A message arrives on the line now."""
        self.send_raw(message.kind, message.payload(), boot_id=boot_id, version=version)

    def send_raw(
        self, kind: int, payload: bytes, *, boot_id: int | None = None, version: int = 1
    ) -> None:
        """A frame with any payload arrives on the line now."""
        boot = self.boot_id if boot_id is None else boot_id
        self.receive(encode(Frame(kind, self._seq, boot, payload, version)))
        self._seq = (self._seq + 1) % 65536

    def answer(self, status: Status) -> None:
        """The lease for a STATUS arrives now, if its nonce is new."""
        if Flags.FRESH_NONCE in status.flags:
            proof = self.core.lease_proof(self.boot_id, status.nonce)
            self.send(Lease(status.nonce, proof))

    def identify(self, **changes: int) -> None:
        """An IDENTIFY that fits, or differs in `changes`."""
        fields = {
            "protocol": 1,
            "firmware_major": 1,
            "cap_hash": CAP_HASH,
            "calibration_hash": SIMULATED_HASH,
        }
        self.send(Identify(**(fields | changes)))

    def arm(self, arm_id: int = 7, nonce: int | None = None) -> None:
        """An ARM with the newest nonce, or another."""
        self.send(Arm(arm_id, self.view.nonce if nonce is None else nonce))

    def setpoint(self, **changes: int) -> None:
        """A gentle setpoint, with `changes`."""
        fields = {
            "tag": 1,
            "vibration_dhz": 400,
            "vibration_permille": 500,
            "sound_permille": 500,
            "red_permille": 200,
            "green_permille": 200,
            "blue_permille": 200,
            "ttl_ms": 500,
        }
        self.send(Setpoint(**(fields | changes)))

    def calibrate(
        self,
        record: bytes,
        *,
        may_jump: bool = False,
        boot_id: int | None = None,
        version: int = 1,
    ) -> None:
        """A CALIBRATE arrives now."""
        self.send(Calibrate(may_jump, record), boot_id=boot_id, version=version)

    def stop(self, tag: int = 1) -> None:
        """A STOP arrives now."""
        self.send(Stop(1, tag))

    def drive(self, duration_ms: int, every_ms: int = 100, **changes: int) -> None:
        """Lets time pass with a setpoint every `every_ms`."""
        for _ in range(duration_ms // every_ms):
            self.setpoint(**changes)
            self.run(every_ms)

    # --- what a test looks at --------------------------------------------------------------

    @property
    def address(self) -> int:
        """Where the core's memory lies."""
        return int(self._chair)

    @property
    def view(self) -> CView:
        """Everything about the chair, now."""
        view = CView()
        self.core.host_view(self._chair, self.now_ms, view)
        return view

    @property
    def heard(self) -> list[Message]:
        """Everything the chair has sent, decoded, oldest first."""
        if self._unread:
            frames = self._reader.feed(bytes(self._unread))
            self._unread.clear()
            self._heard += [read_message(frame) for frame in frames]
        return self._heard

    def state(self) -> State:
        return State(self.view.state)

    @property
    def felt(self) -> bool:
        """Whether vibration or sound is on."""
        view = self.view
        return bool(view.vibration_ppm or view.sound_ppm)

    @property
    def statuses(self) -> list[Status]:
        return [m for m in self.heard if isinstance(m, Status)]

    @property
    def identities(self) -> list[Identity]:
        return [m for m in self.heard if isinstance(m, Identity)]

    @property
    def acks(self) -> list[Ack]:
        return [m for m in self.heard if isinstance(m, Ack)]

    # --- ways into a state -----------------------------------------------------------------

    def boot(self) -> "CoreChair":
        """Out of BOOT."""
        self.run(2001)
        return self

    def ready(self) -> "CoreChair":
        """SAFE, with everything that ARM needs."""
        self.leased = True
        self.identify()
        self.boot()
        self.run(1200)
        return self

    def armed(self) -> "CoreChair":
        """ARMED."""
        self.ready().arm()
        self.run(1)
        return self

    def active(self, full_ms: int = 0) -> "CoreChair":
        """ACTIVE, after `full_ms` of setpoints."""
        self.armed().setpoint()
        self.run(1)
        self.drive(full_ms)
        return self

    def ramping_down(self) -> "CoreChair":
        """RAMPDOWN, from a vibration that takes a while to fall."""
        self.active(3000).stop()
        self.run(1)
        return self

    def faulty(self) -> "CoreChair":
        """FAULT, by an over-current that is gone."""
        self.ready()
        self.current_ma = 5000
        self.run(20)
        self.current_ma = 150
        self.run(1)
        return self

    def stopped_by_hand(self) -> "CoreChair":
        """ESTOP, with the red button released again."""
        self.ready()
        self.inputs = (self.inputs | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
        self.run(20)
        self.inputs = RELEASED
        self.run(60)
        return self
