"""The link and the port against the real posix chair, over a pty and over TCP, in real time."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calmloop.chair_link import (
    ArmAnswered,
    Event,
    Link,
    PortClosed,
    PortData,
    PortOpened,
    SerialPort,
    SessionLost,
    StatusArrived,
)
from calmloop.chair_link.messages import ArmBlock, Flags, HostStop, Lease, Setpoint, State, Status
from tests.unit.chair_link.posix_chair import PosixChair
from tests.unit.firmware_core.binding import library

pytestmark = pytest.mark.leases

STRONG = Setpoint(0, 400, 1000, 1000, 200, 200, 200, 500)


class Host:
    """A small host: bridge, watchdog and selector in one loop, as the test tells it."""

    def __init__(self, address: str) -> None:
        self._wake = threading.Event()
        self.port = SerialPort(address, self._wake.set)
        self.link = Link()
        self.events: list[Event] = []
        self.leased = True
        self.setpoint: Setpoint | None = None
        self.sent_tags: set[int] = set()
        self.applied_tags: set[int] = set()
        self._setpoint_due_s = 0.0
        self.port.start()

    def turn(self) -> None:
        self._wake.wait(0.01)
        self._wake.clear()
        for event in self.port.pop_events():
            match event:
                case PortOpened():
                    self.link.opened()
                case PortClosed(reason=reason):
                    self.link.closed(reason)
                case PortData(data=data, at_ns=at_ns):
                    self.link.receive(data, at_ns / 1e9)
        now_s = time.monotonic()
        self.link.tick(now_s)
        for told in self.link.pop_events():
            self.events.append(told)
            if isinstance(told, StatusArrived):
                self._on_status(told.status, now_s)
        self._send_setpoint(now_s)
        self.flush()

    def _on_status(self, status: Status, now_s: float) -> None:
        self.applied_tags.add(status.setpoint_tag)
        boot_id = self.link.boot_id
        if self.leased and Flags.FRESH_NONCE in status.flags and boot_id is not None:
            proof = library().lease_proof(boot_id, status.nonce)
            self.link.lease(boot_id, Lease(status.nonce, proof), now_s)

    def _send_setpoint(self, now_s: float) -> None:
        if self.setpoint is not None and now_s >= self._setpoint_due_s:
            self._setpoint_due_s = now_s + 0.05
            tag = self.link.setpoint(self.setpoint, now_s)
            if tag is not None:
                self.sent_tags.add(tag)

    @property
    def arm_block(self) -> ArmBlock | None:
        return None if self.link.status is None else self.link.status.arm_block

    def flush(self) -> None:
        data = self.link.pop_output()
        if data:
            self.port.write(data)

    def until(self, condition: Callable[[], bool], within_s: float = 10.0) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"in vain; {self.link.status}, {self.events[-3:]}"
            self.turn()

    def run(self, duration_s: float) -> None:
        end_s = time.monotonic() + duration_s
        while time.monotonic() < end_s:
            self.turn()

    def in_state(self, state: State) -> bool:
        status = self.link.status
        return status is not None and status.state is state

    @property
    def arm_ready(self) -> bool:
        status = self.link.status
        return self.link.identified and status is not None and Flags.ARM_READY in status.flags

    def activate(self, arm_id: int = 1) -> None:
        """From wherever it is to full strength."""
        self.setpoint = None
        self.until(lambda: self.arm_ready, 15)
        self.link.arm(arm_id, time.monotonic())
        self.until(lambda: self.in_state(State.ARMED))
        self.setpoint = STRONG
        self.until(lambda: self.in_state(State.ACTIVE))
        self.run(1.0)


@pytest.fixture(params=["pty", "tcp"])
def chair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PosixChair]:
    with PosixChair(tmp_path, tcp=request.param == "tcp") as running:
        yield running


@pytest.fixture
def host(chair: PosixChair) -> Iterator[Host]:
    host = Host(chair.address)
    yield host
    host.port.close()


def stop(host: Host, chair: PosixChair) -> float:
    since_ns = time.monotonic_ns()
    host.link.stop(HostStop.CAREGIVER, time.monotonic())
    host.flush()
    host.until(lambda: host.in_state(State.SAFE))
    return chair.silent_after_s(since_ns)


def test_identifies_arms_drives_and_stops(chair: PosixChair, host: Host) -> None:
    host.activate()
    assert chair.outputs[-1].felt
    silent_s = stop(host, chair)
    print(f"\nSTOP written -> vibration and sound zero: {silent_s * 1000:.0f} ms")
    assert silent_s <= 0.3


def test_twenty_setpoints_a_second_none_lost(chair: PosixChair, host: Host) -> None:
    host.activate()
    host.run(3.0)
    host.setpoint = None
    host.run(0.1)
    metrics = host.link.metrics
    assert len(host.sent_tags) >= 60
    status = host.link.status
    assert status is not None
    assert (status.refused, status.bad_frames) == (0, 0)
    assert (metrics.lost, metrics.bad) == (0, 0)
    # Two that reach a process which the machine held up are one: the newest wins.
    assert max(host.sent_tags) in host.applied_tags
    assert len(host.applied_tags & host.sent_tags) >= 0.9 * len(host.sent_tags)
    assert metrics.round_trip_s is not None
    print(f"\nround trip {metrics.round_trip_s * 1000:.2f} ms")


@pytest.mark.parametrize("cause", ["no setpoints", "no leases", "host gone"])
def test_zero_within_a_second_of_losing_the_chain(
    chair: PosixChair, host: Host, cause: str
) -> None:
    host.activate()
    since_ns = time.monotonic_ns()
    if cause == "no setpoints":
        host.setpoint = None
        host.until(lambda: host.in_state(State.SAFE))
    elif cause == "no leases":
        host.leased = False
        host.until(lambda: host.in_state(State.SAFE))
    else:
        host.port.close()
        chair.wait_for("SAFE", 3)
    silent_s = chair.silent_after_s(since_ns)
    print(f"\n{cause} -> vibration and sound zero: {silent_s * 1000:.0f} ms")
    assert 0.2 <= silent_s <= 1.0


def test_red_button_cuts_within_50_ms_and_leaves_only_by_release_and_ack(
    chair: PosixChair, host: Host
) -> None:
    host.activate()
    since_ns = time.monotonic_ns()
    assert chair.hands("estop press") == ["ok"]
    host.until(lambda: host.in_state(State.ESTOP))
    silent_s = chair.silent_after_s(since_ns)
    print(f"\nred button -> vibration and sound zero: {silent_s * 1000:.0f} ms")
    assert silent_s <= 0.05
    chair.hands("estop release")
    host.run(0.2)
    assert host.in_state(State.ESTOP)
    chair.hands("ack press")
    host.until(lambda: host.in_state(State.SAFE))
    chair.hands("ack release")


def test_a_fault_survives_a_power_cycle(chair: PosixChair, host: Host) -> None:
    host.activate()
    chair.hands("current 9000")
    host.until(lambda: host.in_state(State.FAULT))
    boot_id = host.link.boot_id
    chair.hands("current 100", "power cycle")
    host.until(lambda: host.link.boot_id not in (boot_id, None) and host.in_state(State.FAULT))
    assert any(isinstance(event, SessionLost) for event in host.events)
    chair.hands("ack press")
    host.until(lambda: host.in_state(State.SAFE))


def test_nothing_is_resumed_after_a_power_cycle(chair: PosixChair, host: Host) -> None:
    host.activate()
    chair.hands("power cycle")
    host.until(lambda: host.in_state(State.SAFE))
    host.until(lambda: host.arm_ready)
    host.run(0.5)
    assert not chair.outputs[-1].felt
    host.activate(arm_id=2)
    assert chair.outputs[-1].felt


def test_a_chair_that_comes_back_is_found_and_identified_but_not_armed(tmp_path: Path) -> None:
    """Under the same name, but another pty."""
    chair = PosixChair(tmp_path)
    host = Host(chair.address)
    host.activate()
    chair.kill()
    host.until(lambda: host.link.boot_id is None, 3)
    with PosixChair(tmp_path) as back:
        host.until(lambda: host.arm_ready, 15)
        host.run(0.5)
        assert not back.outputs[-1].felt
        host.port.close()


def test_a_second_client_takes_over_the_tcp_port(tmp_path: Path) -> None:
    with PosixChair(tmp_path, tcp=True) as chair:
        first = Host(chair.address)
        first.until(lambda: first.link.identified)
        second = Host(chair.address)
        second.until(lambda: second.link.identified)
        first.port.close()
        second.port.close()


def test_opening_the_port_resets_a_chair_that_is_built_so(tmp_path: Path) -> None:
    """As DTR does: a normal path."""
    with PosixChair(tmp_path, "--reset-on-open") as chair:
        boots = []
        for _ in range(3):
            host = Host(chair.address)
            host.until(lambda host=host: host.link.identified)  # type: ignore[misc]
            boots.append(host.link.boot_id)
            host.port.close()
        assert len(set(boots)) == 3
        assert {output.state for output in chair.outputs} == {"BOOT"}


def test_a_chair_that_was_stopped_for_a_while_takes_no_old_lease(
    chair: PosixChair, host: Host
) -> None:
    """Leases wait in the line behind SIGSTOP; at SIGCONT they are too old to help."""
    host.activate()
    chair.signal(signal.SIGSTOP)
    host.run(1.5)
    host.leased, host.setpoint = False, None
    chair.signal(signal.SIGCONT)
    host.until(lambda: host.in_state(State.SAFE))


def test_a_refused_arm_tells_why(chair: PosixChair, host: Host) -> None:
    host.leased = False
    host.until(lambda: host.link.identified and host.arm_block is ArmBlock.NO_LEASE)
    host.link.arm(1, time.monotonic())
    host.until(lambda: any(isinstance(event, ArmAnswered) for event in host.events))
    answer = next(event for event in host.events if isinstance(event, ArmAnswered))
    assert answer.block is ArmBlock.NO_LEASE


def test_the_control_socket_answers_what_it_does_not_know(tmp_path: Path) -> None:
    with PosixChair(tmp_path) as chair:
        answers = chair.hands("dance now", "current x", "estop", "power maybe", "seat off")
        assert [answer.split(":")[0] for answer in answers] == ["error"] * 4 + ["ok"]


def test_it_cleans_up_and_exits_zero(tmp_path: Path) -> None:
    chair = PosixChair(tmp_path)
    assert chair.end() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store", "trace"]
