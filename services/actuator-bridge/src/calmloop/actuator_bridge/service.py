"""Puts the chair on the bus: setpoints, arms, leases and stops in, the chair's state out."""

from collections.abc import Callable
from typing import Protocol

from calmloop.actuator_bridge.bridge import Bridge
from calmloop.actuator_bridge.report import Significant, significant, without_nonce
from calmloop.actuator_bridge.settings import ActuatorBridgeSection, Settings
from calmloop.base.clock import monotonic_s
from calmloop.base.freshness import Received
from calmloop.chair_link import (
    ArmAnswered,
    Expectation,
    Link,
    PortClosed,
    PortData,
    PortOpened,
    SerialPort,
    StatusArrived,
)
from calmloop.chair_link.messages import ArmBlock, HostStop
from calmloop.chair_link.port import PortEvent, resolve
from calmloop.contract import topics
from calmloop.contract.messages.base import Command, ServiceMessage
from calmloop.contract.messages.chair import ArmRequest, ChairMode, ChairState
from calmloop.contract.messages.safety import Lease, StopState
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.service.runtime import Context, Health

PERIOD_S = 0.1
BUSY_PERIOD_S = 0.02
"""While an ARM or a STOP is repeated every 50 ms."""


class Port(Protocol):
    """What the service needs of a serial port."""

    def start(self) -> None:
        """Begins to open it."""

    def pop_events(self) -> list[PortEvent]:
        """What has happened since the last call."""

    def write(self, data: bytes) -> bool:
        """Sends at once; False when that cannot be done."""

    def close(self) -> None:
        """Lets it go."""


def _serial_port(section: ActuatorBridgeSection, notify: Callable[[], None]) -> Port:
    usb_ids = [(int(pair[:4], 16), int(pair[5:], 16)) for pair in section.usb_ids]
    return SerialPort(section.port, notify, lambda address: resolve(address, usb_ids))


class ActuatorBridgeService:
    """The service. What is for the chair goes out from the handlers, at once.

    Attributes:
        period_s: Longest time between two turns; short while something waits for its answer.
    """

    period_s = PERIOD_S

    def __init__(
        self,
        context: Context[Settings],
        open_port: Callable[[ActuatorBridgeSection, Callable[[], None]], Port] = _serial_port,
    ) -> None:
        section = context.settings.actuator_bridge
        self._bus, self._clock, self._log = context.bus, context.clock, context.log
        expected = section.calibration_hash
        link = Link(Expectation(calibration_hash=int(expected, 16) if expected else None))
        self._bridge = Bridge(link)
        self._port = open_port(section, context.bus.wake)
        self._last_state: ChairState | None = None
        self._last_state_s = 0.0
        self._last_retained: Significant = ()
        self._arming: Received[ArmRequest] | None = None
        self._last_logged = ""
        self._bus.subscribe(topics.STOP, self._on_stop)
        self._bus.subscribe(topics.LEASE, self._on_lease)
        self._bus.subscribe(topics.STIMULUS_SETPOINT, self._on_setpoint, latest_only=True)
        self._bus.subscribe(topics.CHAIR_ARM, self._on_arm)
        self._bus.subscribe(topics.STOP_STATE, self._on_stop_state)
        self._port.start()

    def turn(self) -> Health:
        """Handles what the chair sent, repeats what it has not answered, and reports."""
        for event in self._port.pop_events():
            self._on_port(event)
        self._bridge.link.tick(self._now_s())
        if not self._bus.connected:
            self._bridge.note_disconnected()
        self._drain()
        if self._now_s() - self._last_state_s >= self._overdue_s():
            self._report()
        self.period_s = BUSY_PERIOD_S if self._bridge.link.busy else PERIOD_S
        return self._health()

    def discard(self) -> None:
        """The process was stopped for a while: what the chair said meanwhile is old."""
        for event in self._port.pop_events():
            if not isinstance(event, PortData):
                self._on_port(event)

    def close(self) -> None:
        """Stops the chair and lets the port go."""
        self._bridge.stop(HostStop.BRIDGE_CLOSING, self._now_s())
        self._flush()
        self._port.close()

    # --- from the bus ----------------------------------------------------------------------

    def _on_stop(self, _received: Received[Command]) -> None:
        self._bridge.stop(HostStop.CAREGIVER, self._now_s())
        self._flush()

    def _on_stop_state(self, received: Received[StopState]) -> None:
        if self._bus.ages.age_s(received) <= (topics.STOP_STATE.max_age_s or 0.0):
            self._bridge.receive_stop_state(received.message, self._now_s())
            self._flush()

    def _on_lease(self, received: Received[Lease]) -> None:
        self._bridge.send_lease(received.message, self._now_s())
        self._flush()

    def _on_setpoint(self, received: Received[Setpoint]) -> None:
        if self._is_foreign(received):
            return
        age_s = self._bus.ages.age_s(received)
        if not self._bridge.send_setpoint(received.message, age_s, self._now_s()):
            self._bus.counters["setpoints_not_sent"] += 1
        self._flush()

    def _on_arm(self, received: Received[ArmRequest]) -> None:
        if self._is_foreign(received):
            return
        refusal = self._bridge.arm(received.message, self._now_s())
        if refusal:
            self._bus.reject(received, refusal)
            return
        self._arming = received
        self._drain()

    def _is_foreign(self, received: Received[ServiceMessage]) -> bool:
        """The age of a message from another boot of this host, or another host, is unknown."""
        if received.message.host_boot_id == self._bus.host_boot_id:
            return False
        self._bus.reject(received, "it comes from another boot of this host, or from another host")
        return True

    # --- from the chair --------------------------------------------------------------------

    def _on_port(self, event: PortEvent) -> None:
        match event:
            case PortData(data=data, at_ns=at_ns):
                self._bridge.link.receive(data, at_ns / 1e9)
            case PortOpened(name=name):
                self._bridge.note_port_opened()
                self._log_once(f"the port {name} is open")
            case PortClosed(reason=reason):
                self._bridge.note_port_closed(reason)
                self._log_once(f"no port: {reason}")
        self._drain()

    def _drain(self) -> None:
        """Sends what the link wants sent, and reports at once what is new."""
        self._flush()
        for event in self._bridge.link.pop_events():
            line = self._bridge.handle_event(event)
            if isinstance(event, ArmAnswered):
                self._finish_arming(event)
            if line:
                self._log_once(line)
            if line or (isinstance(event, StatusArrived) and self._is_news()):
                self._report()

    def _overdue_s(self) -> float:
        """A chair that is there sets the pace with its STATUS; this one must not run beside it."""
        state = self._last_state
        there = state is not None and state.mode is not ChairMode.DISCONNECTED
        return 1.5 * PERIOD_S if there else PERIOD_S

    def _is_news(self) -> bool:
        """Whether the last STATUS is more than a setpoint's echo, which can wait for the next.

        Each report wakes the watchdog and the selector: at twice 10 Hz the echoes would cost more
        processor time than the loop has for them.
        """
        last, state = self._last_state, self._bridge.state(self._now_s())
        return (
            last is None or state.nonce != last.nonce or significant(state) != self._last_retained
        )

    def _finish_arming(self, answer: ArmAnswered) -> None:
        if self._arming is not None and answer.block is not ArmBlock.OK:
            self._bus.reject(self._arming, answer.reason)
        self._arming = None

    def _flush(self) -> None:
        data = self._bridge.link.pop_output()
        if data and not self._port.write(data):
            self._bus.counters["unwritten"] += 1

    # --- to the bus ------------------------------------------------------------------------

    def _report(self) -> None:
        state = self._bridge.state(self._now_s())
        self._last_state, self._last_state_s = state, self._now_s()
        self._bus.publish(topics.CHAIR_STATE, state)
        if significant(state) != self._last_retained:
            self._last_retained = significant(state)
            self._bus.publish(topics.CHAIR_STATUS, without_nonce(state))

    def _health(self) -> Health:
        state = self._last_state
        if state is None or state.mode is ChairMode.DISCONNECTED:
            return Health(False, state.reason if state else "the port")
        return Health(state.identified, "" if state.identified else state.reason or "IDENTIFY")

    def _log_once(self, line: str) -> None:
        """Logs a line, but not the same one again and again while a port stays away."""
        if line != self._last_logged:
            self._log.info("chair", event_text=line)
        self._last_logged = line

    def _now_s(self) -> float:
        return monotonic_s(self._clock)
