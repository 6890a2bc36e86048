"""The service on the bus: the states once a second, health, and nothing held that is old."""

from collections.abc import Sequence
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.biosignal import Absence, BiosignalState, HeartState
from calmloop.contract.topics import Account
from calmloop.heart_monitor.listening import SourceReport
from calmloop.heart_monitor.reading import Battery, BodySample, Garbage, Measurement, Reading
from calmloop.heart_monitor.service import HeartMonitorService
from calmloop.heart_monitor.settings import Settings
from calmloop.service.runtime import Context, Health
from tests.doubles import memory_bus

SIGNALS = {"emg": {"column": "EMG1", "unit": "mV", "min_value": -5, "max_value": 5}}


class Listened:
    """Stands for the thread: hands over what the test puts in."""

    def __init__(self) -> None:
        self.came: list[Reading] = []
        self.now = SourceReport(Absence.OPENING, "the source is being opened")
        self.crashed = False
        self.dropped = 0
        self.stopped = False

    def start(self) -> None:
        self.now = SourceReport(None)

    def stop(self) -> None:
        self.stopped = True

    def join(self, timeout_s: float) -> None:
        assert self.stopped and timeout_s > 0

    def take(self) -> Sequence[Reading]:
        came, self.came = self.came, []
        return came

    def report(self) -> SourceReport:
        return self.now


class Bench:
    def __init__(self, **section: Any) -> None:
        self.clock = ManualClock()
        bus, self.transport = memory_bus(Account.HEART_MONITOR, self.clock)
        settings = Settings.model_validate({"heart_monitor": section})
        self.bus = bus
        self.service = HeartMonitorService(
            Context(settings, bus, self.clock, structlog.get_logger())
        )
        self.listened = Listened()
        self.service._listening = self.listened  # type: ignore[assignment]

    def turn(self, *readings: Reading, after_s: float = 1.0) -> Health:
        self.clock.advance(after_s)
        self.listened.came += readings
        self.bus.dispatch()
        return self.service.turn()

    def beat(self, rate_bpm: float = 90.0, **fields: Any) -> Health:
        rr_ms = (60_000 / rate_bpm + self.clock.monotonic_ns() % 17,)
        at_ns = self.clock.monotonic_ns() + 1_000_000_000
        return self.turn(Measurement(at_ns, rate_bpm, rr_ms, **fields))

    @property
    def hearts(self) -> list[HeartState]:
        return self.transport.messages(topics.HEART_STATE)

    @property
    def signals(self) -> list[BiosignalState]:
        return self.transport.messages(topics.BIOSIGNAL_STATE, kind="emg")


def test_it_tells_once_a_second_what_it_knows() -> None:
    bench = Bench()
    for second in range(10):
        bench.clock.advance(0.013 * (second % 3))
        bench.beat(contact=True)
        for _ in range(4):
            bench.turn(after_s=0.0)
    assert len(bench.hearts) == 10
    state = bench.hearts[-1]
    assert state.rate_bpm == pytest.approx(90, abs=3)
    assert (state.reason, state.contact, state.age_s) == (None, True, 0.0)
    assert state.source_kind is SignalKind.LIVE


def test_a_lost_source_is_told_at_once_and_its_last_rate_is_gone() -> None:
    bench = Bench(signals=SIGNALS)
    for _ in range(3):
        assert bench.beat().healthy
    bench.listened.now = SourceReport(Absence.LOST, "the strap is lost: put it on")
    health = bench.turn(after_s=0.1)
    state = bench.hearts[-1]
    assert (state.rate_bpm, state.reason) == (None, Absence.LOST)
    assert state.detail == "the strap is lost: put it on"
    assert (state.covered_s, state.artefact_share, state.battery_pct) == (0.0, None, None)
    assert (bench.signals[-1].value, bench.signals[-1].reason) == (None, Absence.LOST)
    assert (health.healthy, health.waits_for) == (False, "the strap is lost: put it on")


def test_a_source_that_comes_back_begins_anew() -> None:
    bench = Bench()
    for _ in range(40):
        bench.beat(60.0)
    bench.listened.now = SourceReport(Absence.LOST, "gone")
    bench.turn()
    bench.listened.now = SourceReport(None)
    for _ in range(3):
        bench.beat(120.0)
    state = bench.hearts[-1]
    assert state.rate_bpm == pytest.approx(120, abs=5)
    assert state.covered_s < 3
    assert state.rmssd_ms is None


def test_a_silent_source_is_unknown_and_no_fault_of_the_service() -> None:
    bench = Bench()
    bench.beat()
    for _ in range(7):
        health = bench.turn()
    assert (bench.hearts[-1].rate_bpm, bench.hearts[-1].reason) == (None, Absence.SILENT)
    assert bench.hearts[-1].age_s == 7.0
    assert health.healthy


def test_further_signals_go_on_topics_of_their_own() -> None:
    bench = Bench(signals=SIGNALS)
    now_ns = bench.clock.monotonic_ns()
    samples = [BodySample(now_ns, "emg", value) for value in (1.0, 2.0, 3.0, 9.0)]
    bench.turn(*samples, after_s=0.0)
    state = bench.signals[-1]
    assert (state.kind, state.value, state.unit, state.samples) == ("emg", 2.0, "mV", 3)
    assert state.quality == 0.75
    assert bench.hearts[-1].reason is Absence.SILENT


def test_refusals_are_counted_and_told() -> None:
    bench = Bench()
    bench.beat()
    bench.turn(Garbage(0, "a line that is no text"))
    assert bench.hearts[-1].refused == 1
    assert bench.hearts[-1].rate_bpm is not None
    assert bench.bus.counters["refused_readings"] == 1


def test_a_board_of_nothing_but_refusals_does_not_fill_the_log() -> None:
    bench = Bench()
    with capture_logs() as logs:
        for number in range(600):
            bench.turn(Garbage(0, f"line {number}"))
    warnings = [log for log in logs if log["event"] == "readings were refused"]
    assert [log["refused"] for log in warnings[:2]] == [1, 61]
    assert len(warnings) == 10
    assert bench.bus.counters["refused_readings"] == 600


def test_the_battery_is_told_until_it_is_old() -> None:
    bench = Bench()
    bench.turn(Battery(bench.clock.monotonic_ns(), 80))
    assert bench.hearts[-1].battery_pct == 80
    bench.turn(after_s=901)
    assert bench.hearts[-1].battery_pct is None


def test_after_the_process_was_stopped_nothing_of_before_counts() -> None:
    bench = Bench(signals=SIGNALS)
    for _ in range(40):
        bench.beat()
    bench.listened.came.append(Measurement(bench.clock.monotonic_ns(), 90.0))
    bench.service.discard()
    bench.turn()
    state = bench.hearts[-1]
    assert (state.rate_bpm, state.reason, state.age_s) == (None, Absence.SILENT, None)


def test_a_crashed_thread_ends_the_service_for_its_supervisor_to_start_again() -> None:
    bench = Bench()
    bench.turn()
    bench.listened.crashed = True
    with pytest.raises(DeviceError, match="has crashed"):
        bench.turn()


def test_it_lets_the_source_go_when_it_ends() -> None:
    bench = Bench()
    bench.turn()
    bench.service.close()
    assert bench.listened.stopped
