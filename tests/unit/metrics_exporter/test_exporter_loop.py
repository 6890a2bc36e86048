"""What the loop's messages say is what Prometheus reads."""

from typing import Any

import pytest

from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.emotion import DoubtReason, EmotionState, Label
from calmloop.contract.messages.face import FaceState, NoFaceReason
from calmloop.contract.messages.session import Change, Phase, SessionState
from calmloop.contract.messages.stimulus import Setpoint
from tests.unit.metrics_exporter.exporter_rig import ExporterRig

MS = 1_000_000


def face(rig: ExporterRig, **more: Any) -> FaceState:
    """A frame that was captured 40 ms ago."""
    said = {"count": 1, "frame_seq": 1, "captured_ns": rig.now_ns - 40 * MS, "at_ns": rig.now_ns}
    return FaceState(**{**said, "captured_on": rig.host, "host_boot_id": rig.host, **more})


def emotion(rig: ExporterRig, label: Label = Label.POSITIVE, **more: Any) -> EmotionState:
    """A reading of a frame that was captured 60 ms ago."""
    said = {"frame_seq": 1, "captured_ns": rig.now_ns - 60 * MS, "at_ns": rig.now_ns}
    hosts = {"captured_on": rig.host, "host_boot_id": rig.host}
    return EmotionState(label=label, confidence=0.8, valence=0.5, **{**said, **hosts, **more})


def test_latencies_are_from_the_capture_to_each_stage(rig: ExporterRig) -> None:
    rig.send(topics.FACE_STATE, face(rig))
    rig.send(topics.EMOTION_STATE, emotion(rig))
    captured_ns, sent_ns = rig.now_ns - 80 * MS, rig.now_ns
    stamped = {"at_ns": sent_ns, "host_boot_id": rig.host, "captured_ns": captured_ns}
    rig.send(topics.STIMULUS_SETPOINT, Setpoint(seq=7, **stamped))
    rig.clock.advance(0.05)
    for _repeated in range(2):
        state = ChairState(mode=ChairMode.ACTIVE, setpoint_seq=7, at_ns=rig.now_ns)
        rig.send(topics.CHAIR_STATE, state)

    sums = rig.values("calmloop_latency_seconds_sum")
    assert sums == pytest.approx(
        {("face",): 0.04, ("emotion",): 0.06, ("setpoint",): 0.08, ("applied",): 0.13}
    )
    assert set(rig.values("calmloop_latency_seconds_count").values()) == {1.0}
    assert rig.value("calmloop_setpoint_applied_seconds_sum") == pytest.approx(0.05)


def test_stamps_of_two_machines_make_no_latency(rig: ExporterRig) -> None:
    rig.send(topics.FACE_STATE, face(rig, captured_on="another"))
    rig.send(topics.EMOTION_STATE, emotion(rig, captured_on="another"))
    stamped = {"at_ns": rig.now_ns, "host_boot_id": rig.host, "captured_ns": rig.now_ns - MS}
    rig.send(topics.STIMULUS_SETPOINT, Setpoint(seq=7, **stamped))

    assert rig.values("calmloop_latency_seconds_count") == {}
    assert rig.value("calmloop_frames_total") == 1


@pytest.mark.parametrize("ago_ns", [-1, 11 * 10**9])
def test_a_stamp_that_cannot_be_meant_makes_no_latency(rig: ExporterRig, ago_ns: int) -> None:
    # Of another machine for the bus, which would drop what is too old.
    host = "another"
    stamped = {"captured_on": host, "host_boot_id": host, "captured_ns": rig.now_ns - ago_ns}
    rig.send(topics.FACE_STATE, face(rig, **stamped))

    assert rig.values("calmloop_latency_seconds_count") == {}


def test_skipped_frames_are_counted_on_where_the_detector_begins_anew(rig: ExporterRig) -> None:
    for skipped in (100, 103, 103, 2):
        rig.send(topics.FACE_STATE, face(rig, skipped=skipped))

    assert rig.value("calmloop_frames_skipped_total") == 3 + 2
    assert rig.value("calmloop_frames_total") == 4


def test_what_is_unknown_is_counted_by_its_reason(rig: ExporterRig) -> None:
    rig.send(topics.FACE_STATE, face(rig, reason=NoFaceReason.TOO_DARK))
    rig.send(topics.EMOTION_STATE, emotion(rig))
    for reason in (NoFaceReason.TOO_DARK, DoubtReason.AMBIGUOUS, DoubtReason.AMBIGUOUS):
        rig.send(topics.EMOTION_STATE, emotion(rig, Label.UNKNOWN, reason=reason))

    assert rig.values("calmloop_faces_unusable_total") == {("too_dark",): 1}
    assert rig.values("calmloop_emotions_unknown_total") == {("too_dark",): 1, ("ambiguous",): 2}
    assert rig.values("calmloop_emotions_total") == {("positive",): 1, ("unknown",): 3}
    assert rig.value("calmloop_emotion_valence") == 0.5


def test_a_session_is_told_while_it_is_heard_of_and_no_longer(rig: ExporterRig) -> None:
    state = SessionState(phase=Phase.RUNNING, profile="c7", intensity_pct=30, ceiling_pct=60)
    rig.send(topics.SESSION_STATE, state)
    rig.send(topics.SESSION_STATE, state)
    lowered = {"intensity_pct": 20, "change": Change.NEGATIVE}
    rig.send(topics.SESSION_STATE, state.model_copy(update=lowered))

    phases = rig.values("calmloop_session_phase")
    assert {phase for (phase,), value in phases.items() if value} == {"running"}
    assert len(phases) == len(Phase)
    assert rig.value("calmloop_session_intensity_ratio") == 0.2
    assert rig.value("calmloop_session_ceiling_ratio") == 0.6
    assert rig.values("calmloop_session_changes_total") == {("negative",): 1}

    rig.clock.advance(3.0)
    assert rig.values("calmloop_session_phase") == {}
    assert rig.value("calmloop_session_intensity_ratio") is None


def test_what_the_broker_kept_of_a_session_long_ago_is_not_told(rig: ExporterRig) -> None:
    long_ago = {"at_ns": rig.now_ns - 60_000 * MS, "host_boot_id": rig.host}
    rig.send(topics.SESSION_STATE, SessionState(phase=Phase.RUNNING, **long_ago))

    assert rig.values("calmloop_session_phase") == {}
