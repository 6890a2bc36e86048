"""The firmware's real core, compiled for this machine, with the hardware around it."""

import ctypes

from calmloop.chair_link.messages import (
    Inputs,
)
from tests.unit.firmware_core.binding import CRow, CTurns, library
from tests.unit.firmware_core.stored import simulated_record, store

POWER_ON, EXTERNAL, BROWN_OUT, WATCHDOG = 1, 2, 4, 8
RELEASED = Inputs.SEAT_OCCUPIED | Inputs.CONTACTOR_CLOSED
WRAP = 1 << 32


class CoreHardware:
    """A chair whose time, buttons, power and store a test owns.

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
        self._connect()
        self._turns = CTurns()
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
            self._hear(self._turns.sent)
        return done

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

    def _connect(self) -> None:
        """The other end of the line, at the start; here nobody."""

    def _hear(self, sent: bytes) -> None:
        """What the chair sends arrives at the other end of its line."""
        self.wire += sent

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

    @property
    def address(self) -> int:
        """Where the core's memory lies."""
        return int(self._chair)
