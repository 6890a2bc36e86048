"""What the house is told of the chair: few words, no token, no child, and nothing old."""

import pytest

from calmloop.contract import topics
from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.house import HouseCondition
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity
from calmloop.contract.messages.service import Heartbeat, Presence, ServiceStatus
from calmloop.contract.messages.session import Evidence, Mode, Phase, SessionState
from calmloop.home_assistant.hearing import MAX_EVENTS
from calmloop.home_assistant.service import STATE_PERIOD_S
from tests.unit.home_assistant.house_rig import HouseRig

RUNNING = SessionState(
    phase=Phase.RUNNING,
    profile="k7",
    session_id="a-session",
    scenario="warm-cradle",
    intensity_pct=23.4,
    minutes_left=11.6,
    evidence=Evidence(label=Label.POSITIVE, valence=0.6, confidence=0.912, readings=12, unknown=0),
    start_token="4711-start",
    child_token="4711-child",
)


def alarm(kind: AlarmKind, *, active: bool = True, critical: bool = False) -> Alarm:
    severity = Severity.CRITICAL if critical else Severity.WARNING
    return Alarm(kind=kind, active=active, severity=severity, text=f"{kind}: look")


def send_alarm(rig: HouseRig, said: Alarm) -> None:
    rig.send(topics.ALARM, said, kind=said.kind.value)


def beat(rig: HouseRig, service: str, *, healthy: bool = True) -> None:
    said = Heartbeat(service=service, instance="a", healthy=healthy)
    rig.send(topics.HEARTBEAT, said, service=service, instance="a")


def test_a_session_is_told_without_its_token_and_its_child(rig: HouseRig) -> None:
    rig.send_chair(RUNNING)
    state = rig.state()
    assert (state.condition, state.phase) == (HouseCondition.SESSION, Phase.RUNNING)
    assert (state.emotion, state.confidence) == (Label.POSITIVE, 0.91)
    assert (state.intensity_pct, state.minutes_left) == (23, 12)
    assert state.link
    told = b"".join(raw.payload for raw in rig.transport.published)
    for secret in (b"4711", b"k7", b"a-session"):
        assert secret not in told


@pytest.mark.parametrize(
    ("session", "stop", "condition"),
    [
        (SessionState(phase=Phase.IDLE), {}, HouseCondition.READY),
        (SessionState(phase=Phase.PAUSED), {}, HouseCondition.PAUSED),
        (RUNNING, {"latched": True}, HouseCondition.STOPPED),
        (SessionState(phase=Phase.IDLE), {"withheld": ("no camera",)}, HouseCondition.WAITING),
        (
            SessionState(phase=Phase.IDLE, blocked={Mode.ADAPTIVE: "no face is in view"}),
            {},
            HouseCondition.WAITING,
        ),
    ],
)
def test_the_chair_in_one_word(
    rig: HouseRig, session: SessionState, stop: dict[str, object], condition: HouseCondition
) -> None:
    rig.send_chair(session, **stop)
    assert rig.state().condition is condition


def test_what_is_not_told_any_more_is_not_known(rig: HouseRig) -> None:
    rig.send_chair(RUNNING)
    assert rig.state().link
    rig.turn(3.0)
    assert (rig.state().condition, rig.state().link) == (HouseCondition.OFFLINE, False)
    assert (rig.state().emotion, rig.state().intensity_pct) == (Label.UNKNOWN, 0.0)


def test_the_worst_alarm_comes_first_and_each_beginning_is_an_event(rig: HouseRig) -> None:
    for said in (
        alarm(AlarmKind.SOUND_LOST),
        alarm(AlarmKind.DISTRESS, critical=True),
        alarm(AlarmKind.DISTRESS, critical=True),
    ):
        send_alarm(rig, said)
    state = rig.state()
    assert state.alarms == (AlarmKind.DISTRESS, AlarmKind.SOUND_LOST)
    assert (state.alarm, state.critical, state.alarm_text) == (True, True, "distress: look")
    assert [event.event_type for event in rig.events] == [AlarmKind.SOUND_LOST, AlarmKind.DISTRESS]
    send_alarm(rig, alarm(AlarmKind.DISTRESS, active=False))
    assert (rig.state().alarms, rig.state().critical) == ((AlarmKind.SOUND_LOST,), False)
    send_alarm(rig, alarm(AlarmKind.DISTRESS, critical=True))
    assert len(rig.events) == 3


@pytest.mark.parametrize(("age_s", "events"), [(1.0, 1), (60.0, 0)])
def test_an_alarm_that_was_on_long_before_it_came_is_no_event(
    rig: HouseRig, age_s: float, events: int
) -> None:
    rig.clock.advance(100.0)
    at_ns = rig.clock.monotonic_ns() - int(age_s * 1e9)
    said = alarm(AlarmKind.STOP).model_copy(
        update={"host_boot_id": rig.bus.ages.boot_id, "at_ns": at_ns}
    )
    name = topics.ALARM.name(rig.bus.chair_id, kind=said.kind.value)
    rig.transport.inject(name, said.model_dump_json().encode(), retain=True)
    assert rig.state().alarms == (AlarmKind.STOP,)
    assert len(rig.events) == events


def test_services_are_told_by_their_beats(rig: HouseRig) -> None:
    beat(rig, "camera")
    beat(rig, "session-log", healthy=False)
    beat(rig, "invented")
    beat(rig, "home-assistant")
    assert rig.state().services == {"camera": True, "session-log": False}
    rig.turn(2.0)
    assert rig.state().services == {"camera": False, "session-log": False}
    gone = ServiceStatus(service="camera", instance="a", presence=Presence.STOPPED)
    rig.send(topics.SERVICE_STATUS, gone, service="camera", instance="a")
    assert rig.state().services == {"session-log": False}


def test_the_camera_tells_of_changes_alone_and_what_it_told_last_stands(rig: HouseRig) -> None:
    assert rig.state().camera is CameraCondition.LOST
    rig.send(topics.CAMERA_STATE, CameraState(condition=CameraCondition.OFF, enabled=False))
    rig.turn(3600.0)
    assert rig.state().camera is CameraCondition.OFF


def test_it_is_told_on_change_at_most_twice_a_second_and_each_ten_seconds(rig: HouseRig) -> None:
    assert len(rig.states) == 1
    for _ in range(100):
        rig.turn(0.25)
    assert 25 // STATE_PERIOD_S <= len(rig.states) - 1 <= 25 // STATE_PERIOD_S + 1
    before = len(rig.states)
    for n in range(40):
        rig.send_chair(SessionState(phase=Phase.RUNNING, intensity_pct=n))
        rig.turn(0.1)
    assert len(rig.states) - before <= 4.0 / 0.5 + 1


def test_a_flood_of_alarms_keeps_the_newest(rig: HouseRig) -> None:
    for _ in range(MAX_EVENTS):
        for active in (True, False):
            said = alarm(AlarmKind.RECORDS, active=active)
            rig.transport.send(topics.ALARM, said, kind=said.kind.value)
        for active in (True, False):
            said = alarm(AlarmKind.LOG_LOST, active=active)
            rig.transport.send(topics.ALARM, said, kind=said.kind.value)
    rig.turn()
    assert 0 < len(rig.events) <= MAX_EVENTS


def test_after_it_was_stopped_for_a_while_it_knows_nothing_old(rig: HouseRig) -> None:
    rig.send_chair(RUNNING)
    assert rig.state().condition is HouseCondition.SESSION
    rig.service.discard()
    assert rig.state().condition is HouseCondition.OFFLINE
