"""The working loop: beats, health file, late turns; and exit codes of a real process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.contract import topics
from calmloop.contract.topics import Account
from calmloop.service.runtime import EVICTED_S, Health, Loop
from tests.broker import Broker
from tests.doubles import CHAIR, MemoryTransport, memory_bus
from tests.processes import Client, clean_environment, start_service

PERIOD_S = 0.1


class Recorder:
    """A service that counts what the runtime asks of it."""

    period_s = PERIOD_S

    def __init__(self) -> None:
        self.turns = 0
        self.discards = 0
        self.waits_for = ""

    def turn(self) -> Health:
        self.turns += 1
        return Health(healthy=not self.waits_for, waits_for=self.waits_for)

    def discard(self) -> None:
        self.discards += 1

    def close(self) -> None:
        pass


class SteppingClock(ManualClock):
    """Moves on by `step_s` each time it is read: a wait seems to take one step."""

    step_s = 0.05

    def monotonic_ns(self) -> int:
        now_ns = super().monotonic_ns()
        self.advance(self.step_s)
        return now_ns


def make_loop(tmp_path: Path) -> tuple[Loop, Recorder, MemoryTransport, SteppingClock]:
    clock = SteppingClock()
    bus, transport = memory_bus(Account.CAMERA, clock)
    service = Recorder()
    bus.wake()
    return Loop(bus, service, clock, tmp_path / "health"), service, transport, clock


def test_a_completed_turn_beats_and_refreshes_the_health_file(tmp_path: Path) -> None:
    loop, service, transport, _clock = make_loop(tmp_path)
    service.waits_for = "a camera"
    loop.turn()
    (beat,) = transport.messages(topics.HEARTBEAT, service="camera", instance="test")
    assert (beat.healthy, beat.waits_for) == (False, "a camera")
    assert (tmp_path / "health").exists()


def test_nobody_beats_who_could_still_miss_a_picture(tmp_path: Path) -> None:
    loop, _service, transport, _clock = make_loop(tmp_path)
    transport.hears_all = False
    loop.turn()
    assert not transport.messages(topics.HEARTBEAT, service="camera", instance="test")
    assert (tmp_path / "health").exists()


def test_a_wait_that_overslept_voids_the_inputs(tmp_path: Path) -> None:
    loop, service, _transport, clock = make_loop(tmp_path)
    loop.turn()
    assert service.discards == 0
    clock.step_s = 5.0
    loop.turn()
    assert service.discards >= 1


def test_a_service_stops_cleanly_on_either_signal(broker: Broker, tmp_path: Path) -> None:
    status = f"calmloop/{CHAIR}/service/safety-watchdog/test/status"
    for number in (signal.SIGTERM, signal.SIGINT):
        with Client(broker) as client:
            client.subscribe(status)
            process = start_service("safety_watchdog", broker, tmp_path)
            process.signal(number)
            assert process.wait() == 0
            client.wait_for(status, lambda body: body["presence"] == "stopped")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may raise a priority here")
def test_what_keeps_the_chair_safe_goes_first(broker: Broker, tmp_path: Path) -> None:
    with start_service("safety_watchdog", broker, tmp_path) as watchdog:
        assert os.sched_getscheduler(watchdog.pid) == os.SCHED_RR
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE="sim") as camera:
        assert os.sched_getscheduler(camera.pid) == os.SCHED_OTHER


def test_a_killed_service_is_reported_offline_by_its_will(broker: Broker, tmp_path: Path) -> None:
    status = f"calmloop/{CHAIR}/service/safety-watchdog/test/status"
    with Client(broker) as client:
        client.subscribe(status)
        start_service("safety_watchdog", broker, tmp_path).kill()
        client.wait_for(status, lambda body: body["presence"] == "offline")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LOG__LEVEL", "loud", ["log.level = 'loud'", "'warning'"]),
        ("LOG", "loud", ["CALMLOOP_LOG = 'loud'", "JSON"]),
        ("MQTT__HOST", "", ["mqtt.host = ''", "at least 1 character"]),
        ("HEALTH_FILE", "/nowhere/alive", ["/nowhere/alive", "name a folder"]),
    ],
)
def test_a_wrong_setting_ends_with_code_2_and_says_what_is_right(
    broker: Broker, tmp_path: Path, name: str, value: str, words: list[str]
) -> None:
    process = start_service("safety_watchdog", broker, tmp_path, ready=False, **{name: value})
    assert process.wait() == 2
    for word in words:
        assert word in process.log.read_text()


def test_a_service_outlives_a_broker_that_restarts(broker: Broker, tmp_path: Path) -> None:
    beats = f"calmloop/{CHAIR}/service/safety-watchdog/test/heartbeat"
    with start_service("safety_watchdog", broker, tmp_path):
        broker.signal(signal.SIGKILL)
        broker.stop()
        broker.start()
        with Client(broker) as client:
            client.subscribe(beats)
            client.wait_for(beats, timeout_s=20)
            client.subscribe(f"calmloop/{CHAIR}/stop/state")
            client.wait_for(f"calmloop/{CHAIR}/stop/state", lambda body: body["latched"])


def test_the_environment_of_tests_holds_no_settings() -> None:
    assert not [key for key in clean_environment() if key.startswith("CALMLOOP_")]


def test_who_was_thrown_off_by_its_own_id_says_so_once_it_is_back(tmp_path: Path) -> None:
    loop, _service, transport, clock = make_loop(tmp_path)
    transport.evictions += 1
    loop.turn()
    clock.advance(EVICTED_S)
    transport.wake()
    loop.turn()
    first, last = transport.messages(topics.HEARTBEAT, service="camera", instance="test")
    assert not first.healthy
    assert "another client with its client id" in first.waits_for
    assert last.healthy
    assert first.run == last.run != ""


HANGING = """
import threading
from calmloop.service import runtime
from calmloop.base.settings import ServiceSettings
from calmloop.contract.topics import Account
from tests.unit.shared.test_runtime import Recorder

class Hanging(Recorder):
    def turn(self):
        threading.Event().wait()

runtime.HANG_S = 0.2
runtime.run(Account.CAMERA, ServiceSettings, lambda context: Hanging())
"""


def test_a_turn_that_never_returns_ends_the_process_and_says_where() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGING],
        check=False,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=60,
    )
    assert ended.returncode == 1
    assert "in turn" in ended.stderr
