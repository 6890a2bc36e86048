"""What the safety chain and the services say is what Prometheus reads."""

import re
from typing import Any

import pytest

from calmloop.bus.inbox import DROPPED
from calmloop.contract import topics
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState, LinkQuality
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity, StopCause, StopState
from calmloop.contract.messages.service import (
    Heartbeat,
    Presence,
    RejectedMessage,
    ServiceStatus,
)
from calmloop.metrics_exporter.chain import COUNTERS
from tests.services import LISTING, REPOSITORY
from tests.unit.metrics_exporter.exporter_rig import ExporterRig

LATCHED = "calmloop_stop_latched"


def beat(rig: ExporterRig, service: str, *, healthy: bool = True, instance: str = "a") -> None:
    """A service's loop turns."""
    said = Heartbeat(service=service, instance=instance, healthy=healthy)
    rig.send(topics.HEARTBEAT, said, service=service, instance=instance)


def status(rig: ExporterRig, service: str, counters: dict[str, int], **more: Any) -> None:
    """A service's own counters."""
    said = {"service": service, "instance": "a", "presence": Presence.ONLINE, **more}
    message = ServiceStatus(counters=counters, **said)
    rig.send(topics.SERVICE_STATUS, message, service=service, instance=message.instance)


def chair(**link: Any) -> ChairState:
    """The chair, at work."""
    applied = Applied(vibration_pct=12, sound_pct=30)
    return ChairState(mode=ChairMode.ACTIVE, applied=applied, link=LinkQuality(**link))


def test_a_stop_counts_once_by_its_cause_and_not_when_it_was_there_before(
    rig: ExporterRig,
) -> None:
    first = StopState(latched=True, kind=StopCause.START_UP, since="10:00")
    pressed = StopState(latched=True, kind=StopCause.STOP, since="10:05")
    for state in (first, first, pressed, pressed):
        rig.send(topics.STOP_STATE, state)
    assert rig.value(LATCHED) == 1
    free = StopState(latched=False, withheld=("the camera is not there",))
    rig.send(topics.STOP_STATE, free)
    assert rig.value(LATCHED) == 0
    assert rig.value("calmloop_lease_withheld") == 1
    rig.send(topics.STOP_STATE, StopState(latched=True, kind=StopCause.CUT_OFF, since="10:09"))

    assert rig.values("calmloop_stops_total") == {("stop",): 1, ("cut off",): 1}
    rig.clock.advance(3.0)
    assert rig.value(LATCHED) is None


def test_an_alarm_is_on_until_it_is_over_and_unseen_until_it_is_acknowledged(
    rig: ExporterRig,
) -> None:
    raised = Alarm(kind=AlarmKind.DISTRESS, active=True, severity=Severity.CRITICAL)
    unseen, on = ("calmloop_alarm_unacknowledged", "calmloop_alarm_active")
    labels = ("distress", "critical")
    rig.send(topics.ALARM, raised, kind="distress")
    assert (rig.value(on, *labels), rig.value(unseen, *labels)) == (1, 1)
    assert rig.value(on, "distress", "warning") == 0
    seen = raised.model_copy(update={"acknowledged": True})
    rig.send(topics.ALARM, seen, kind="distress")
    assert (rig.value(on, *labels), rig.value(unseen, *labels)) == (1, 0)
    rig.send(topics.ALARM, raised.model_copy(update={"active": False}), kind="distress")
    assert (rig.value(on, *labels), rig.value(unseen, *labels)) == (0, 0)
    rig.send(topics.ALARM, raised, kind="distress")
    assert rig.values("calmloop_alarms_total") == {("distress",): 2}


def test_an_alarm_that_the_broker_kept_is_on_but_was_not_raised_now(rig: ExporterRig) -> None:
    kept = Alarm(
        kind=AlarmKind.STOP,
        active=True,
        severity=Severity.WARNING,
        at_ns=rig.now_ns - 60 * 10**9,
        host_boot_id=rig.host,
    )
    rig.send(topics.ALARM, kept, kind="stop")

    assert rig.value("calmloop_alarm_active", "stop", "warning") == 1
    assert rig.values("calmloop_alarms_total") == {}


def test_the_link_is_counted_and_a_lease_s_way_is_measured_once(rig: ExporterRig) -> None:
    for sent, way_ms in ((10, 4.0), (20, 4.0), (30, 6.0)):
        rig.send(
            topics.CHAIR_STATE,
            chair(sent=sent, lost=sent // 10, status_to_lease_ms=way_ms, round_trip_ms=0.5),
        )
    assert rig.value("calmloop_lease_round_trip_seconds_count") == 2
    assert rig.value("calmloop_lease_round_trip_seconds_sum") == pytest.approx(0.01)
    assert rig.value("calmloop_link_round_trip_seconds_count") == 1
    assert rig.value("calmloop_link_frames_total", "sent") == 20
    assert rig.value("calmloop_link_errors_total", "lost") == 2
    assert rig.value("calmloop_chair_applied_ratio", "sound") == 0.3
    assert rig.value("calmloop_chair_mode", "active") == 1
    rig.clock.advance(3.0)
    assert rig.values("calmloop_chair_mode") == {}


def test_a_service_that_was_heard_is_missed_unless_it_said_goodbye(rig: ExporterRig) -> None:
    for name in ("camera", "session-log"):
        beat(rig, name)
    beat(rig, "emotion-classifier")
    beat(rig, "emotion-classifier", healthy=False, instance="b")
    up, healthy = "calmloop_service_up", "calmloop_service_healthy"
    assert rig.values(up) == {("camera",): 1, ("session-log",): 1, ("emotion-classifier",): 1}
    assert rig.value(healthy, "emotion-classifier") == 0
    status(rig, "session-log", {}, presence=Presence.STOPPED)
    rig.clock.advance(2.0)
    assert rig.values(up) == {("camera",): 0, ("emotion-classifier",): 0}
    assert rig.value(healthy, "camera") == 0


def test_counters_of_services_grow_by_what_each_instance_adds(rig: ExporterRig) -> None:
    status(rig, "emotion-classifier", {"stale": 50})
    status(rig, "emotion-classifier", {"stale": 7}, instance="b")
    status(rig, "emotion-classifier", {"stale": 52})
    status(rig, "emotion-classifier", {"stale": 8}, instance="b")
    status(rig, "emotion-classifier", {"stale": 1})

    grown = rig.value("calmloop_service_events_total", "stale", "emotion-classifier")
    assert grown == 2 + 1 + 1
    refused = RejectedMessage(topic="x", reason="no", source="camera/a")
    rig.send(topics.REJECTED, refused)
    assert rig.values("calmloop_messages_rejected_total") == {("camera",): 1}


def test_whether_it_hears_the_broker_is_told(rig: ExporterRig) -> None:
    assert rig.value("calmloop_exporter_connected") == 1
    rig.transport.connected = False
    rig.turn()
    assert rig.value("calmloop_exporter_connected") == 0


def test_each_counter_of_a_service_has_a_name_that_is_known() -> None:
    folders = [
        REPOSITORY / "shared/src",
        *(REPOSITORY / s.folder / "src" for s in LISTING.services),
    ]
    texts = [file.read_text() for folder in folders for file in folder.rglob("*.py")]
    found = {name for text in texts for name in re.findall(r'counters\["(\w+)"\]', text)}
    assert found | {DROPPED, "unsent", "unsent_images"} == COUNTERS
