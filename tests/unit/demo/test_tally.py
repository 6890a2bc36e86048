"""The demo's report counts what passed, and measures from the producers' own stamps."""

from calmloop.contract.messages.biosignal import HeartState
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.face import Box, FaceState, NoFaceReason
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.session import Change, Phase, SessionState
from calmloop.contract.messages.stimulus import Setpoint, Vibration
from calmloop.contract.messages.voice import VoiceState
from calmloop.demo.report import DemoReport, Latency
from calmloop.demo.tally import Tally

MS = 1_000_000


def tally() -> Tally:
    return Tally(DemoReport(source="sim", chair="posix", seconds=1))


def face(frame_seq: int, **more: object) -> FaceState:
    return FaceState.model_validate(
        {"frame_seq": frame_seq, "captured_ns": 0, "at_ns": 5 * MS, "count": 1, **more}
    )


def test_faces_and_reasons_are_counted() -> None:
    seen = tally()
    seen.receive(face(1, box=Box(x_px=0, y_px=0, width_px=9, height_px=9)), 0.1)
    seen.receive(face(2, reason=NoFaceReason.NO_FACE), 0.2)
    report = seen.finish()
    assert (report.frames, report.faces, report.no_face) == (2, 1, {"no_face": 1})
    assert report.latency.camera_to_face == Latency(count=2, p50_ms=5, p95_ms=5, p99_ms=5)


def test_a_setpoint_is_applied_when_the_chair_first_reports_it() -> None:
    seen = tally()
    stimulus = Vibration(level_pct=12)
    seen.receive(Setpoint(seq=7, at_ns=10 * MS, captured_ns=2 * MS, vibration=stimulus), 0.1)
    for at_ms in (25, 40):
        seen.receive(ChairState(mode=ChairMode.ACTIVE, setpoint_seq=7, at_ns=at_ms * MS), 0.2)
    report = seen.finish()
    assert report.latency.setpoint_to_applied == Latency(count=1, p50_ms=15, p95_ms=15, p99_ms=15)
    assert report.latency.camera_to_setpoint == Latency(count=1, p50_ms=8, p95_ms=8, p99_ms=8)
    assert report.highest_vibration_pct == 12
    assert [(p.state, p.at_s) for p in report.chair_states] == [("active", 0.2)]


def test_each_cycle_and_each_change_has_its_reason() -> None:
    seen = tally()
    for cycle, change in ((0, Change.STARTED), (1, Change.STARTED), (1, Change.POSITIVE_SHIFT)):
        state = SessionState(phase=Phase.RUNNING, cycle=cycle, change=change, intensity_pct=20)
        seen.receive(state, 1.0)
    report = seen.finish()
    assert [c.cycle for c in report.cycles] == [1]
    assert [c.change for c in report.changes] == ["started", "positive_shift"]


def test_the_movement_s_range_is_told_and_why_it_was_unknown() -> None:
    seen = tally()
    for told in ({"log_energy": 0.0}, {"reason": "frozen"}, {"log_energy": 1.25}):
        movement = {"camera_kind": "simulated", **told}
        seen.receive(MovementState.model_validate(movement), 1.0)
    report = seen.finish().movement
    assert (report.camera_kind, report.known, report.unknown) == ("simulated", 2, {"frozen": 1})
    assert (report.min_log_energy, report.max_log_energy) == (0.0, 1.25)


def test_the_heart_s_range_is_told_and_why_it_was_unknown() -> None:
    seen = tally()
    for told in ({"rate_bpm": 92.0}, {"reason": "no_contact"}, {"rate_bpm": 88.5}):
        heart = {"source_kind": "simulated", **told}
        seen.receive(HeartState.model_validate(heart), 1.0)
    report = seen.finish().heart
    assert (report.source_kind, report.known, report.unknown) == ("simulated", 2, {"no_contact": 1})
    assert (report.min_bpm, report.max_bpm) == (88.5, 92.0)
    assert seen.heart is not None
    assert seen.heart.rate_bpm == 88.5


def test_how_loud_the_voice_was_is_told_and_why_it_was_unknown() -> None:
    seen = tally()
    for told in (
        {"condition": "off"},
        {"condition": "listening", "above_floor_db": 31.0},
        {"condition": "listening", "above_floor_db": 4.5, "pitch_hz": 300.0},
    ):
        voice = {"source_kind": "simulated", "enabled": True, **told}
        seen.receive(VoiceState.model_validate(voice), 1.0)
    report = seen.finish().voice
    assert (report.source_kind, report.known, report.unknown) == ("simulated", 2, {"off": 1})
    assert report.max_above_floor_db == 31.0
    assert seen.voice is not None
    assert seen.voice.pitch_hz == 300.0


def test_beginning_anew_keeps_the_states_and_forgets_the_counts() -> None:
    seen = tally()
    reading = EmotionState(frame_seq=1, captured_ns=0, label=Label.NEUTRAL, confidence=1, valence=0)
    seen.receive(reading, 0.1)
    seen.receive(ChairState(mode=ChairMode.SAFE), 0.1)
    fresh = DemoReport(source="sim", chair="posix", seconds=1)
    seen.begin(fresh)
    assert seen.emotion == reading
    report = seen.finish()
    assert report.emotions == {}
    assert [p.state for p in report.chair_states] == ["safe"]
