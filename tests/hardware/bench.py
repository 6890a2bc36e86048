"""An emulated chair on a bench: a link that keeps it alive, hands on its buttons, a stopwatch.

Times are counted in cycles of the chip, from the command or the write to the pin. The test owns the
clock, unless the bench is `live`: then host and chip keep real time, over a pseudo-terminal.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from calmloop.chair_link import Event as LinkEvent
from calmloop.chair_link import Link
from calmloop.chair_link.messages import Fault, Flags, HostStop, Lease, Setpoint, State, Status
from calmloop.emulator import Emulator, Event, Given
from calmloop.emulator.record import CYCLES_PER_S
from calmloop.safety_watchdog.lease import lease_proof
from tests.hardware.lines import Line, LiveLine, SteppedLine

SETPOINT_PERIOD_S = 0.05
REST = Setpoint(1, 400, 0, 0, 0, 0, 0, 500)
DRIVE = replace(REST, vibration_permille=1000, sound_permille=1000, blue_permille=400)


class Bench:
    """Drives one emulated chair from a test's own thread.

    Attributes:
        leases: Whether STATUS is answered with leases.
        setpoint: What is sent 20 times a second; None sends nothing.
    """

    def __init__(self, folder: Path, *, live: bool = False, **options: Any) -> None:
        self.emulator = Emulator(folder, stepped=not live, **options)
        self.line: Line = LiveLine(self.emulator) if live else SteppedLine(self.emulator)
        self.leases = True
        self.setpoint: Setpoint | None = None
        self.link_events: list[LinkEvent] = []
        self.sent_tags: list[int] = []
        self._arm_id = 0
        self._setpoint_due_s = 0.0

    def __enter__(self) -> "Bench":
        self.emulator.start()
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.line.close()
        try:
            if kind is None:
                self.emulator.require_real_time()
        finally:
            self.emulator.stop()

    def open(self) -> None:
        """Opens the port as after plugging in."""
        self.link = Link()
        self.link.opened()
        self.line.open()

    def hang_up(self) -> None:
        """Closes the port, as the end of a process does."""
        self.line.close()

    # --- the link --------------------------------------------------------------------------

    def serve(self) -> None:
        """Serves the link once; 5 ms pass at most."""
        came = self.line.turn()
        now_s = self.line.now_s()
        self.link.receive(came, now_s)
        for event in self.link.pop_events():
            self.link_events.append(event)
            self._answer(event, now_s)
        if self.setpoint is not None and now_s >= self._setpoint_due_s:
            self._setpoint_due_s = max(self._setpoint_due_s + SETPOINT_PERIOD_S, now_s)
            self._send_setpoint(self.setpoint, now_s)
        self.link.tick(now_s)
        self.line.write(self.link.pop_output())

    def _answer(self, event: LinkEvent, now_s: float) -> None:
        status = getattr(event, "status", None)
        boot_id = self.link.boot_id
        if self.leases and status is not None and boot_id and Flags.FRESH_NONCE in status.flags:
            proof = lease_proof(boot_id, status.nonce)
            self.link.lease(boot_id, Lease(status.nonce, proof), now_s)

    def drive(self, done: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Keeps the link going until something is so."""
        deadline_s = self.line.now_s() + timeout_s
        while not done():
            assert self.line.now_s() < deadline_s, f"{what}: not within {timeout_s} s; {self.last}"
            self.serve()

    def drive_for(self, emulated_s: float) -> None:
        """Keeps the link going for a while of the chip's own time."""
        until_cycle = self.cycle() + int(emulated_s * CYCLES_PER_S)
        self.drive(lambda: self.cycle() >= until_cycle, 10 * emulated_s + 5, "time to pass")

    @property
    def last(self) -> Status | None:
        """The newest STATUS of this boot."""
        return self.link.status

    def reach(self, state: State, timeout_s: float = 30.0) -> None:
        """Keeps the link going until STATUS says so."""
        self.drive(
            lambda: self.last is not None and self.last.state is state, timeout_s, state.name
        )

    def reach_fault(self, fault: Fault, timeout_s: float = 30.0) -> None:
        """Keeps the link going until STATUS shows FAULT with this code."""
        self.reach(State.FAULT, timeout_s)
        assert self.last is not None
        assert self.last.fault is fault

    def _send_setpoint(self, setpoint: Setpoint, now_s: float) -> None:
        tag = self.link.setpoint(setpoint, now_s)
        if tag is not None:
            self.sent_tags.append(tag)

    def send(self, setpoint: Setpoint) -> None:
        """Sends one setpoint at once."""
        self._send_setpoint(setpoint, self.line.now_s())
        self.line.write(self.link.pop_output())

    def write(self, data: bytes) -> None:
        """Sends bytes past the link."""
        self.line.write(data)

    # --- sessions --------------------------------------------------------------------------

    def arm(self) -> None:
        """From SAFE to ARMED, when the lockout is over and leases have flowed for a second."""
        self.leases = True
        self.drive(
            lambda: self.last is not None and Flags.ARM_READY in self.last.flags, 60, "ready to arm"
        )
        self._arm_id += 1
        self.link.arm(self._arm_id, self.line.now_s())
        self.reach(State.ARMED, 5)

    def start(self, setpoint: Setpoint = DRIVE, until_pct: float = 5.0) -> None:
        """From SAFE to ACTIVE, until vibration is felt."""
        self.arm()
        self.setpoint = setpoint
        self.reach(State.ACTIVE, 5)
        self.drive(lambda: self.given[-1].vibration_pct >= until_pct, 30, "vibration")

    def stop(self) -> None:
        """Sends STOP, and goes on sending setpoints that the link must then hold back."""
        self.link.stop(HostStop.BENCH, self.line.now_s())
        self.line.write(self.link.pop_output())

    def acknowledge(self) -> None:
        """Presses ACK after a release, as a person does, until the chair is SAFE."""
        self.drive_for(0.1)
        self.hand("ack press")
        self.drive_for(0.1)
        self.hand("ack release")
        self.reach(State.SAFE, 10)

    # --- hands and stopwatch ---------------------------------------------------------------

    def hand(self, line: str) -> Event:
        """Does something at the bench; the event has the cycle at which it was done."""
        seen = len(self.emulator.events())
        self.emulator.command(line)
        return next(
            event
            for event in self.emulator.events()[seen:]
            if event.name == "command" and event.members["line"] == line
        )

    def cycle(self) -> int:
        """Where the chip is now."""
        return self.line.cycle()

    def entered(self, state: State, after_cycle: int) -> Given:
        """The outputs at the first moment of a state after a cycle."""
        return next(g for g in self.given if g.cycle > after_cycle and g.state == state.name)

    @property
    def given(self) -> list[Given]:
        """What the outputs gave so far; the first line comes with power."""
        return self.emulator.given()

    def went_off_after(self, cycle: int) -> bool:
        """Whether the power has gone since a cycle."""
        return any(e.name == "power-off" for e in self.emulator.events() if e.cycle >= cycle)

    def rest_after(self, cycle: int, timeout_s: float = 10.0) -> float:
        """Milliseconds from a cycle until nothing is felt any more, and stays so so far."""
        self.drive(lambda: not self.given[-1].felt, timeout_s, "nothing felt")
        felt = [i for i, given in enumerate(self.given) if given.felt]
        rested = self.given[felt[-1] + 1].cycle if felt else cycle
        return max(0.0, to_ms(rested - cycle))

    def lit_after(self, cycle: int, timeout_s: float = 20.0) -> float:
        """Seconds from a cycle until a light is on for the first time."""

        def lit() -> list[Given]:
            return [given for given in self.given if given.cycle > cycle and given.lit]

        self.drive(lambda: bool(lit()), timeout_s, "light")
        return to_ms(lit()[0].cycle - cycle) / 1000

    def reset_after(self, cycle: int, timeout_s: float = 10.0) -> Event:
        """The first reset after a cycle."""

        def resets() -> list[Event]:
            events = self.emulator.events()
            return [e for e in events if e.name == "reset" and e.cycle > cycle]

        self.drive(lambda: bool(resets()), timeout_s, "a reset")
        return resets()[0]


def to_ms(cycles: int) -> float:
    """Milliseconds of a number of cycles."""
    return 1000 * cycles / CYCLES_PER_S
