"""Whatever the bus says, what is told and remembered stays bounded, and no child is named."""

import string

from calmloop.contract import topics
from calmloop.contract.messages.safety import StopCause, StopState
from calmloop.contract.messages.session import Phase, SessionState
from tests.unit.metrics_exporter.exporter_rig import ExporterRig

LIES = 2_000
CHILD = "child-k7"


def test_labels_are_from_bounded_sets_however_many_are_made_up(rig: ExporterRig) -> None:
    def lie(number: int) -> None:
        name = f"liar-{number}"
        known = {"instance": name, "counters": {f"c{number}": number, "stale": number}}
        beat = {"service": name, "instance": name, "healthy": True}
        rig.transport.send(topics.HEARTBEAT, beat, service=name, instance=name)
        status = known | {"service": "camera", "presence": "online"}
        rig.transport.send(topics.SERVICE_STATUS, status, service="camera", instance=name)
        rejected = {"topic": name, "reason": name, "source": name}
        rig.transport.send(topics.REJECTED, rejected)
        rig.transport.send(topics.ALARM, {"kind": name, "active": True}, kind=name)
        rig.bus.dispatch()

    lie(0)
    rig.turn()
    before = sum(len(family.samples) for family in rig.scrape())
    for number in range(1, LIES):
        lie(number)
    after = [sample for family in rig.scrape() for sample in family.samples]
    assert len(after) <= before + 3
    assert not any("liar" in text for s in after for text in s.labels.values())
    assert rig.value("calmloop_service_up", "other") == 1
    assert len(rig.service._chain._events._last) <= 256
    assert rig.bus.counters["handler_errors"] == 0


def test_numbers_beyond_all_bounds_are_taken_without_harm(rig: ExporterRig) -> None:
    huge = int("9" * 300)
    for value in (0, huge):
        said = {"count": 1, "frame_seq": 1, "captured_ns": huge, "skipped": value}
        rig.send(topics.FACE_STATE, said)
        link = {"sent": value, "lost": value, "status_to_lease_ms": 1e300}
        rig.send(topics.CHAIR_STATE, {"mode": "active", "setpoint_seq": huge, "link": link})
        setpoint = {"seq": huge, "at_ns": huge, "captured_ns": -huge}
        rig.send(topics.STIMULUS_SETPOINT, setpoint)

    assert rig.bus.counters["handler_errors"] == 0
    assert rig.value("calmloop_frames_skipped_total") == 2**53
    assert rig.value("calmloop_lease_round_trip_seconds_count") == 0


def test_setpoints_that_no_chair_ever_applies_are_forgotten(rig: ExporterRig) -> None:
    for seq in range(1_000):
        rig.transport.send(topics.STIMULUS_SETPOINT, {"seq": seq, "at_ns": rig.now_ns})
        rig.bus.dispatch()

    assert len(rig.service._loop._sent) == 200


def test_no_label_holds_a_child_s_code_or_a_text(rig: ExporterRig) -> None:
    state = SessionState(
        phase=Phase.RUNNING,
        profile=CHILD,
        session_id=CHILD,
        reason=CHILD,
        scenario=CHILD,
        question=CHILD,
    )
    rig.send(topics.SESSION_STATE, state)
    rig.send(topics.STOP_STATE, StopState(latched=False))
    rig.send(topics.STOP_STATE, StopState(latched=True, kind=StopCause.STOP, cause=CHILD))
    rig.send(topics.REJECTED, {"topic": CHILD, "reason": CHILD, "source": CHILD})
    allowed = set(string.ascii_letters + string.digits + " -_.+():")

    for family in rig.scrape():
        for sample in family.samples:
            assert not any(CHILD in text for text in sample.labels.values())
            assert not any(set(text) - allowed for text in sample.labels.values()), sample
