"""The bridge's service on a bus in memory, with the compiled firmware behind its port.

Nothing runs by itself: a test moves the one clock that bus, bridge and chair share.
"""

from collections.abc import Callable
from typing import Any

import structlog

from calmloop.actuator_bridge.service import ActuatorBridgeService
from calmloop.actuator_bridge.settings import ActuatorBridgeSection, Settings
from calmloop.base.clock import ManualClock
from calmloop.chair_link.port import PortClosed, PortData, PortEvent, PortOpened
from calmloop.contract import topics
from calmloop.contract.messages.chair import ArmRequest, ChairState
from calmloop.contract.messages.safety import Lease
from calmloop.contract.messages.service import RejectedMessage
from calmloop.contract.messages.stimulus import Setpoint, Sound, Vibration
from calmloop.contract.topics import Account
from calmloop.service.runtime import Context
from tests.doubles import MemoryTransport, memory_bus
from tests.unit.firmware_core.core import CoreChair

STRONG = Setpoint(vibration=Vibration(level_pct=80), sound=Sound(level_pct=80))


class CorePort:
    """The other end of the cable is the core itself."""

    def __init__(self, clock: ManualClock) -> None:
        self.chair = CoreChair()
        self.plugged = True
        self.written: list[bytes] = []
        self.closed = False
        self._clock = clock
        self._events: list[PortEvent] = []

    def start(self) -> None:
        self._events.append(PortOpened("a chair"))

    def pop_events(self) -> list[PortEvent]:
        if self.plugged and self.chair.wire:
            at_ns = self._clock.monotonic_ns()
            self._events.append(PortData(bytes(self.chair.wire), at_ns))
        self.chair.wire.clear()
        events, self._events = self._events, []
        return events

    def write(self, data: bytes) -> bool:
        if self.plugged:
            self.written.append(data)
            self.chair.receive(data)
        return self.plugged

    def close(self) -> None:
        self.closed = True

    def pull(self) -> None:
        """The cable is out."""
        self.plugged = False
        self._events.append(PortClosed("unplugged"))

    def plug(self, chair: CoreChair | None = None) -> None:
        """It is in again; the chair ran on meanwhile, or is another boot."""
        self.chair = chair or self.chair
        self.plugged = True
        self._events.append(PortOpened("a chair"))


class Harness:
    """Attributes:
    leased: Each fresh nonce on the bus is answered, as the watchdog does.
    setpoint: Sent every 60 ms while it is there, as the selector does.
    """

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.ACTUATOR_BRIDGE, self.clock)
        self.port = CorePort(self.clock)
        self.leased = True
        self.setpoint: Setpoint | None = None
        self._seq = 0
        self._answered = 0
        self._ms = 0
        section = ActuatorBridgeSection(port="/dev/chair", **settings)
        self.service = ActuatorBridgeService(
            Context(
                Settings(actuator_bridge=section),
                self.bus,
                self.clock,
                structlog.get_logger(),
            ),
            self._open,
        )

    def _open(self, _section: ActuatorBridgeSection, _notify: Callable[[], None]) -> CorePort:
        return self.port

    @property
    def chair(self) -> CoreChair:
        return self.port.chair

    @property
    def out(self) -> MemoryTransport:
        return self.transport

    def run(self, duration_ms: int) -> "Harness":
        """Lets time pass; the loop turns every 5 ms."""
        for _ in range(duration_ms):
            self._ms += 1
            self.clock.advance(0.001)
            self.chair.run(1)
            if self._ms % 60 == 0 and self.setpoint is not None:
                self.send_setpoint(self.setpoint)
            if self._ms % 5 == 0:
                self.turn()
        return self

    def turn(self) -> None:
        """One turn of the working loop, and the watchdog's answer."""
        self.bus.dispatch()
        self.service.turn()
        state = self._newest() if self.leased else None
        if state is not None and state.nonce not in (None, self._answered):
            self.answer(state)

    def answer(self, state: ChairState) -> None:
        """The lease for the nonce in a state."""
        self._answered = state.nonce or 0
        proof = self.chair.core.lease_proof(state.boot_id, self._answered)
        lease = Lease(boot_id=state.boot_id, nonce=self._answered, proof=proof)
        self.out.send(topics.LEASE, self.stamped(lease))

    def stamped(self, message: Any, **changes: Any) -> Any:
        """The message as a service's bus would stamp it now."""
        self._seq += 1
        stamp = {
            "source": "test/1",
            "seq": self._seq,
            "host_boot_id": self.bus.host_boot_id,
            "at_ns": self.clock.monotonic_ns(),
        }
        return message.model_copy(update=stamp | changes)

    def send_setpoint(self, setpoint: Setpoint, **changes: Any) -> int:
        """Puts a setpoint on the bus; returns its seq."""
        self.out.send(topics.STIMULUS_SETPOINT, self.stamped(setpoint, **changes))
        return self._seq

    def arm(self, start_id: str = "start-1", **changes: Any) -> None:
        """Puts a request to arm on the bus."""
        self.out.send(topics.CHAIR_ARM, self.stamped(ArmRequest(start_id=start_id), **changes))

    def stop(self, payload: bytes = b"", *, retain: bool = False) -> None:
        """Puts a stop on the bus."""
        self.out.inject(topics.STOP.name(self.bus.chair_id), payload, retain=retain)

    @property
    def states(self) -> list[ChairState]:
        return self.out.messages(topics.CHAIR_STATE)

    @property
    def state(self) -> ChairState:
        """The newest ChairState."""
        newest = self._newest()
        assert newest is not None, "no ChairState was published"
        return newest

    def _newest(self) -> ChairState | None:
        name = topics.CHAIR_STATE.name(self.bus.chair_id)
        newest = next((m for m in reversed(self.out.published) if m.name == name), None)
        return ChairState.model_validate_json(newest.payload) if newest else None

    @property
    def rejections(self) -> list[RejectedMessage]:
        return self.out.messages(topics.REJECTED)

    def ready(self) -> "Harness":
        """Nothing stands against an ARM."""
        return self.run(3500)

    def armed(self) -> "Harness":
        self.ready().arm()
        return self.run(20)

    def active(self, duration_ms: int = 500) -> "Harness":
        self.armed().setpoint = STRONG
        return self.run(duration_ms)
