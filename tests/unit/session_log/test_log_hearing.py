"""What is heard becomes an event once, with its reason, of the right child and session."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from calmloop.contract.messages.chair import ChairMode, ChairStatus
from calmloop.contract.messages.learning import LearningState
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity, StopState
from calmloop.contract.messages.service import (
    Heartbeat,
    Presence,
    RejectedMessage,
    ServiceStatus,
)
from calmloop.contract.messages.session import Channel, OverrideState, SessionState
from calmloop.session_log.hearing import LogHearing
from calmloop.session_log.installation import HeardInstallation
from calmloop.session_log.records import LogEventKind, LogFact
from tests.unit.session_log.log_rig import NOW


@pytest.fixture
def hearing() -> LogHearing:
    return LogHearing(lambda: NOW, lambda: ("k7", "k8"), HeardInstallation())


def state(phase: str, **more: Any) -> SessionState:
    said = {"session_id": "s1", "profile": "k7", "scenario": "surf", "minutes_left": 15}
    return SessionState.model_validate({"phase": phase, **said, **more})


def run(hearing: LogHearing) -> None:
    hearing.receive_session(state("starting"))
    hearing.receive_session(state("running", intensity_pct=20))


def kinds(facts: Sequence[LogFact]) -> list[str]:
    return [fact.kind.value for fact in facts]


def test_a_session_begins_with_what_it_ran_with(hearing: LogHearing) -> None:
    status = ServiceStatus(
        service="camera", instance="a", presence=Presence.ONLINE, version="0.9.1"
    )
    assert hearing.receive_service(status) == []
    chair = ChairStatus(mode=ChairMode.SAFE, firmware="1.4", calibration_hash="00c0ffee")
    assert hearing.receive_chair(chair) == []
    began = hearing.receive_session(state("starting", choice="suits it best"))
    assert kinds(began)[0] == "session_started"
    assert (began[0].child, began[0].session, began[0].text) == ("k7", "s1", "suits it best")
    data = began[0].data
    assert (data["services"], data["firmware"], data["minutes"]) == ({"camera": "0.9.1"}, "1.4", 15)
    assert data["calibration_hash"] == "00c0ffee"


def test_each_change_of_the_intensity_has_its_reason_and_signals_once(hearing: LogHearing) -> None:
    run(hearing)
    heard = [{"name": "heart", "status": "present", "log_odds_per_s": -0.2}]
    lowered = state(
        "running",
        intensity_pct=10,
        change="negative",
        reason="distress",
        signals=heard,
        distress_fast=1.2,
    )
    (fact,) = hearing.receive_session(lowered)
    assert (fact.kind, fact.text) == (LogEventKind.CHANGE, "distress")
    assert (fact.data["from_pct"], fact.data["to_pct"]) == (20, 10)
    assert fact.data["signals"] == {"heart": {"status": "present", "log_odds_per_s": -0.2}}
    assert hearing.receive_session(lowered) == []


def test_a_critical_event_begins_and_is_over(hearing: LogHearing) -> None:
    run(hearing)
    began = hearing.receive_session(state("running", intensity_pct=20, distress=True))
    over = hearing.receive_session(state("running", intensity_pct=20))
    assert [(f.kind.value, f.data["began"]) for f in (*began, *over)] == [
        ("distress", True),
        ("distress", False),
    ]


def test_a_session_ends_with_why_and_another_may_follow_at_once(hearing: LogHearing) -> None:
    run(hearing)
    facts = hearing.receive_session(
        state("starting", session_id="s2", profile="k8", intensity_pct=0)
    )
    assert [(f.kind.value, f.session, f.child) for f in facts[:2]] == [
        ("session_ended", "s1", "k7"),
        ("session_started", "s2", "k8"),
    ]
    assert facts[0].text == "its end was not seen"
    (ended,) = hearing.receive_session(
        state("idle", session_id="s2", profile="k8", change="closing", reason="the time is over")
    )
    assert (ended.text, ended.data["change"], ended.session) == (
        "the time is over",
        "closing",
        "s2",
    )
    assert hearing.session == ""


def test_a_log_that_was_away_says_that_it_hears_of_a_session_now(hearing: LogHearing) -> None:
    facts = hearing.receive_session(state("running", intensity_pct=20))
    assert kinds(facts) == ["session_resumed", "phase", "change"]
    began = facts[0]
    assert began.text == "heard of from its phase 'running' on: the log was away before that"
    assert began.data["phase"] == "running"


def test_an_idle_selector_is_no_news(hearing: LogHearing) -> None:
    assert hearing.receive_session(state("idle", change="closing", reason="over")) == []


def test_an_alarm_is_raised_acknowledged_by_somebody_and_over(hearing: LogHearing) -> None:
    alarm = Alarm(
        kind=AlarmKind.DISTRESS, active=True, severity=Severity.CRITICAL, text="look", since="now"
    )
    seen = alarm.model_copy(update={"acknowledged": True, "acknowledged_by": "anna"})
    over = seen.model_copy(update={"active": False})
    told = [f for a in (alarm, alarm, seen, over, over) for f in hearing.receive_alarm(a)]
    assert [(f.data["raised"], f.data["active"], f.by) for f in told] == [
        (True, True, ""),
        (False, True, "anna"),
        (False, False, "anna"),
    ]
    other = alarm.model_copy(update={"kind": AlarmKind.STOP, "active": False})
    assert hearing.receive_alarm(other) == [], "what is over when first heard is no news"


def test_what_a_caregiver_sets_is_told_in_words(hearing: LogHearing) -> None:
    run(hearing)
    assert hearing.receive_overrides(OverrideState()) == []
    (fact,) = hearing.receive_overrides(
        OverrideState(ceiling_pct=40, channels_off=(Channel.LIGHT,))
    )
    assert fact.text == "ceiling_pct: 40, channels_off: light"
    assert (fact.session, fact.child) == ("s1", "k7")
    assert (
        hearing.receive_overrides(OverrideState(ceiling_pct=40, channels_off=(Channel.LIGHT,)))
        == []
    )


def test_a_correction_is_kept_with_the_session_that_it_is_of(hearing: LogHearing) -> None:
    before = LearningState(profile="k7", last_session="s1")
    assert hearing.receive_learning(before) == []
    rated = before.model_copy(update={"last_rating": 4})
    (fact,) = hearing.receive_learning(rated)
    assert (fact.text, fact.child, fact.session) == ("rating: 4", "k7", "s1")
    (pinned,) = hearing.receive_learning(rated.model_copy(update={"pinned": "surf"}))
    assert (pinned.data, pinned.session) == ({"pinned": "surf"}, "")


def test_a_stop_a_fault_and_a_refusal_outside_a_session_are_the_chairs(
    hearing: LogHearing,
) -> None:
    (stop,) = hearing.receive_stop(StopState(latched=True, cause="the red button"))
    assert hearing.receive_stop(StopState(latched=True, cause="the red button")) == []
    (reset,) = hearing.receive_stop(StopState(latched=False))
    fault = ChairStatus(mode=ChairMode.FAULT, fault="over_current", fault_remedy="look at the plug")
    (broken,) = hearing.receive_chair(fault)
    refused = RejectedMessage(topic="calmloop/chair-1/session/set", reason="no token", head="x")
    (refusal,) = hearing.receive_rejected(refused)
    assert [f.child for f in (stop, reset, broken, refusal)] == [""] * 4
    assert (stop.data, reset.data) == ({"latched": True}, {"latched": False})
    assert broken.text == "over_current: look at the plug"
    assert (refusal.text, refusal.data) == ("no token", {"topic": "session/set"})


def test_what_names_a_child_is_kept_under_its_key(hearing: LogHearing) -> None:
    (fact,) = hearing.receive_rejected(
        RejectedMessage(topic="calmloop/chair-1/session/set", reason="profile 'k8': no consent")
    )
    assert (fact.child, fact.session) == ("k8", "")


def test_a_service_that_goes_or_is_not_well_is_told_once(hearing: LogHearing) -> None:
    ill = Heartbeat(service="camera", instance="a", healthy=False, waits_for="a device")
    facts = [f for b in (ill, ill) for f in hearing.receive_service(b)]
    gone = ServiceStatus(service="camera", instance="a", presence=Presence.OFFLINE)
    facts += [f for s in (gone, gone) for f in hearing.receive_service(s)]
    assert [f.text for f in facts] == ["camera is not well: a device", "camera is offline"]


def test_the_end_of_a_session_says_how_it_went_over_time() -> None:
    now = NOW
    hearing = LogHearing(lambda: now, lambda: ("k7",), HeardInstallation())

    def hear(seconds: float, phase: str = "running", **more: Any) -> list[LogFact]:
        nonlocal now
        now += timedelta(seconds=seconds)
        return hearing.receive_session(state(phase, **more))

    seen = {"label": "neutral", "valence": 0, "confidence": 0.9, "readings": 4, "unknown": 1}
    hear(0, "starting")
    hear(1, intensity_pct=20, change="started", evidence=seen)
    hear(2, intensity_pct=25, change="positive_shift", reason="a smile", evidence=seen)
    for pct in (22, 18, 15):  # it glides: one step
        hear(1, intensity_pct=pct, change="unknown_eased", reason="no face")
    for pct in (10, 5):
        hear(2, intensity_pct=pct, change="caregiver", reason="less")
    # Nothing was heard for long: what was before counts for three seconds of it.
    hear(100, intensity_pct=0, change="closing")
    (*_, ended) = hear(1, "idle", change="closing", reason="over")
    assert ended.kind is LogEventKind.SESSION_ENDED
    assert ended.data["mean_pct"] == round(
        (0 * 1 + 20 * 2 + 25 * 1 + 22 + 18 + 15 * 2 + 10 * 2 + 5 * 3 + 0) / 14, 1
    )
    assert ended.data["known_share"] == 0.75
    assert (ended.data["raised"], ended.data["lowered"]) == (1, 3)
