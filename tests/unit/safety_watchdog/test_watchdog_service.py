"""The watchdog on the bus: what it publishes, and what it refuses."""

import json
from typing import Any

import pytest
import structlog

from calmloop.base.clock import ManualClock
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode, ChairState, Inputs
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.service import Heartbeat
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.heartbeats import REQUIRED
from calmloop.safety_watchdog.service import SafetyWatchdogService
from calmloop.safety_watchdog.settings import Settings
from calmloop.service.runtime import Context
from tests.doubles import CHAIR, memory_bus

STOP = topics.STOP.name(CHAIR)
RESET = topics.STOP_RESET.name(CHAIR)


class Stage:
    """The service on a memory transport, with a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.SAFETY_WATCHDOG, self.clock)
        log = structlog.get_logger("test")
        self.service = SafetyWatchdogService(Context(Settings(), self.bus, self.clock, log))
        self.chair: dict[str, Any] = {"mode": ChairMode.SAFE, "identified": True}
        self.nonce = 0
        self.turn()

    def turn(self) -> None:
        self.bus.dispatch()
        self.service.turn()

    def play(self, seconds: float) -> None:
        for step in range(round(seconds / 0.1)):
            self.clock.advance(0.1)
            if step % 5 == 0:
                for service in REQUIRED:
                    beat = Heartbeat(service=service, instance="a", healthy=True)
                    self.transport.send(topics.HEARTBEAT, beat, service=service, instance="a")
            self.report_chair()

    def report_chair(self) -> None:
        self.nonce += 1
        self.transport.send(
            topics.CHAIR_STATE, ChairState(boot_id=1, nonce=self.nonce, **self.chair)
        )
        self.turn()

    def reset(self) -> None:
        token = self.transport.messages(topics.STOP_STATE)[-1].reset_token
        self.transport.send(topics.STOP_RESET, {"token": token})
        self.turn()

    @property
    def latched(self) -> bool:
        return self.transport.messages(topics.STOP_STATE)[-1].latched

    def rejections(self) -> list[str]:
        return [message.reason for message in self.transport.messages(topics.REJECTED)]


@pytest.fixture
def stage() -> Stage:
    """Ready: everyone is well and the start-up stop is reset."""
    stage = Stage()
    stage.play(2.0)
    stage.reset()
    assert not stage.latched
    return stage


def test_the_chair_and_people_are_answered_at_once_and_only_what_streams_may_wait() -> None:
    stage = Stage()
    may_wait = {
        topic.path
        for topic in (topics.STOP, topics.STOP_RESET, topics.CHAIR_STATE, topics.FACE_STATE)
        if stage.transport.inject(topic.name(CHAIR), b"{}")
    }
    assert may_wait == {topics.FACE_STATE.path}


def test_it_says_at_once_that_it_starts_latched() -> None:
    stage = Stage()

    assert stage.latched
    assert stage.transport.published[-1].retain


def test_it_repeats_the_state_of_the_stop_once_a_second(stage: Stage) -> None:
    before = len(stage.transport.messages(topics.STOP_STATE))
    stage.play(10.0)

    assert len(stage.transport.messages(topics.STOP_STATE)) - before == pytest.approx(10, abs=1)


def test_it_publishes_a_renewed_token_at_once() -> None:
    stage = Stage()
    stage.play(4.5)
    tokens = [state.reset_token for state in stage.transport.messages(topics.STOP_STATE)]

    assert len(set(tokens)) == 3


def test_a_lease_is_there_before_the_turn_ends(stage: Stage) -> None:
    stage.report_chair()

    assert stage.transport.messages(topics.LEASE)[-1].nonce == stage.nonce


@pytest.mark.parametrize("payload", [b"", b"stop", b'{"token": "x"}', b"\xff\x00", b"x" * 100_000])
def test_any_payload_stops(stage: Stage, payload: bytes) -> None:
    stage.transport.inject(STOP, payload)
    stage.turn()

    assert stage.latched
    leases = len(stage.transport.messages(topics.LEASE))
    stage.play(2.0)
    assert len(stage.transport.messages(topics.LEASE)) == leases


def test_a_retained_stop_is_obeyed_and_its_copy_cleared(stage: Stage) -> None:
    stage.transport.inject(STOP, b"x", retain=True)
    stage.turn()

    assert stage.latched
    cleared = [m for m in stage.transport.published if m.name == STOP]
    assert [(m.payload, m.retain) for m in cleared] == [(b"", True)]


def test_the_clearing_of_another_watchdog_is_a_stop_but_not_cleared_again(stage: Stage) -> None:
    stage.transport.inject(STOP, b"", retain=True)
    stage.turn()

    assert stage.latched
    assert [m for m in stage.transport.published if m.name == STOP] == []


def test_its_own_clearing_does_not_come_back() -> None:
    subscription = next(s for s in Stage().transport.subscriptions if s.filter == STOP)

    assert subscription.no_local


def test_a_stop_while_the_broker_goes_away_still_latches(stage: Stage) -> None:
    stage.transport.inject(STOP, b"x", retain=True)
    stage.transport.connected = False
    stage.turn()
    stage.transport.connected = True
    stage.play(1.0)

    assert stage.latched


def test_a_watchdog_that_was_without_a_broker_may_have_missed_a_stop(stage: Stage) -> None:
    stage.transport.connected = False
    stage.turn()
    stage.transport.connected = True
    stage.play(1.1)

    assert stage.transport.messages(topics.STOP_STATE)[-1].cause == (
        "the broker was away, and a stop may have been missed"
    )


def test_a_refused_reset_is_reported(stage: Stage) -> None:
    stage.transport.inject(STOP, b"")
    stage.play(1.5)
    stage.transport.send(topics.STOP_RESET, {"token": "old"})
    stage.turn()

    assert stage.latched
    assert "token" in stage.rejections()[-1]


@pytest.mark.parametrize(
    ("payload", "retain"),
    [(b"", False), (b"null", False), (b"[]", False), (b'{"token": 3}', False), (b"\xff", False)],
)
def test_a_malformed_reset_is_reported(stage: Stage, payload: bytes, retain: bool) -> None:
    stage.transport.inject(STOP, b"")
    stage.play(1.5)
    stage.transport.inject(RESET, payload, retain=retain)
    stage.turn()

    assert stage.latched
    assert len(stage.rejections()) == 1


def test_a_retained_reset_is_refused_though_its_token_is_good(stage: Stage) -> None:
    stage.transport.inject(STOP, b"")
    stage.play(1.5)
    token = stage.transport.messages(topics.STOP_STATE)[-1].reset_token
    stage.transport.inject(RESET, json.dumps({"token": token}).encode(), retain=True)
    stage.turn()

    assert stage.latched
    assert len(stage.rejections()) == 1


def test_an_alarm_is_published_retained_on_change_and_never_empty(stage: Stage) -> None:
    running = SessionState(phase=Phase.RUNNING, session_id="s1", distress=True)
    stage.transport.send(topics.SESSION_STATE, running)
    stage.play(0.5)
    stage.transport.send(topics.ALARM_ACK, {}, kind="distress")
    stage.transport.send(topics.SESSION_STATE, SessionState(phase=Phase.IDLE))
    stage.play(0.5)

    alarms = stage.transport.messages(topics.ALARM, kind="distress")
    assert [(a.active, a.acknowledged) for a in alarms] == [(True, False), (False, True)]
    sent = [
        m for m in stage.transport.published if m.name == topics.ALARM.name(CHAIR, kind="distress")
    ]
    assert all(m.retain and m.payload for m in sent)


@pytest.mark.parametrize("kind", ["distress", "nonsense"])
def test_an_acknowledgement_of_nothing_is_refused_with_a_reason(stage: Stage, kind: str) -> None:
    stage.transport.send(topics.ALARM_ACK, {}, kind=kind)
    stage.turn()

    assert kind in stage.rejections()[-1]


def test_a_stop_at_the_chair_is_published_as_an_alarm(stage: Stage) -> None:
    stage.chair["inputs"] = Inputs(estop=True)
    stage.play(0.1)

    alarm = stage.transport.messages(topics.ALARM, kind=AlarmKind.CHAIR_STOP)[-1]
    assert alarm.active
    assert stage.latched


def test_an_engine_that_left_its_state_on_the_broker_long_ago_is_not_believed(stage: Stage) -> None:
    old = SessionState(
        phase=Phase.RUNNING,
        session_id="s1",
        distress=True,
        host_boot_id=stage.bus.host_boot_id,
        at_ns=stage.clock.monotonic_ns() - 3_000_000_000,
    )
    stage.transport.send(topics.SESSION_STATE, old)
    stage.play(1.0)

    assert stage.transport.messages(topics.ALARM, kind=AlarmKind.DISTRESS) == []


def test_what_it_waits_for_is_in_its_health() -> None:
    stage = Stage()

    health = stage.service.turn()

    assert health.healthy
    assert "start-up" in health.waits_for
