"""Counts what passes on the bus into a report. Pure: it is handed messages and the time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from calmloop.contract.messages.base import Command, Part
from calmloop.contract.messages.biosignal import HeartState
from calmloop.contract.messages.camera import CameraState
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.safety import Alarm, StopState
from calmloop.contract.messages.service import RejectedMessage
from calmloop.contract.messages.session import SessionState
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.contract.messages.voice import VoiceCondition, VoiceState
from calmloop.demo.report import (
    AlarmPoint,
    ChairPoint,
    DemoReport,
    IntensityChange,
    Latencies,
    Latency,
    Rejection,
)

SETPOINTS_REMEMBERED = 200


@dataclass
class _Samples:
    no_face: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    doubt: Counter[str] = field(default_factory=Counter)
    sent_ns: dict[int, int] = field(default_factory=dict)
    to_face_ns: list[int] = field(default_factory=list)
    to_emotion_ns: list[int] = field(default_factory=list)
    to_setpoint_ns: list[int] = field(default_factory=list)
    to_applied_ns: list[int] = field(default_factory=list)


class Tally:
    """Holds the newest of each state, when a usable face was seen last, and counts.

    Latencies use the producers' CLOCK_MONOTONIC stamps: all run on this machine.
    """

    def __init__(self, report: DemoReport) -> None:
        self.session: SessionState | None = None
        self.chair: ChairState | None = None
        self.stop: StopState | None = None
        self.emotion: EmotionState | None = None
        self.face: FaceState | None = None
        self.movement: MovementState | None = None
        self.heart: HeartState | None = None
        self.voice: VoiceState | None = None
        self.sound: SoundState | None = None
        self.camera: CameraState | None = None
        self.usable_face_s: float | None = None
        self._takers: dict[type, Callable[[Any, float], None]] = {
            CameraState: self._take_camera,
            FaceState: self._take_face,
            EmotionState: self._take_emotion,
            MovementState: self._take_movement,
            HeartState: self._take_heart,
            VoiceState: self._take_voice,
            SoundState: self._take_sound,
            SessionState: self._take_session,
            Setpoint: self._take_setpoint,
            ChairState: self._take_chair,
            StopState: self._take_stop,
            Alarm: self._take_alarm,
            RejectedMessage: self._take_rejected,
        }
        self.begin(report)

    def begin(self, report: DemoReport) -> None:
        """Counts into `report` from now on; the newest states are kept."""
        self.report = report
        self.usable_face_s = None
        self._samples = _Samples()
        if self.chair is not None:
            report.chair_states.append(ChairPoint(at_s=0.0, state=self.chair.mode))

    def receive(self, message: Part | Command, at_s: float) -> None:
        """Counts one message that came `at_s` seconds after the run began."""
        taker = self._takers.get(type(message))
        if taker is not None:
            taker(message, at_s)

    def _take_camera(self, state: CameraState, _at_s: float) -> None:
        self.camera = state

    def _take_face(self, state: FaceState, at_s: float) -> None:
        self.face = state
        self.report.frames += 1
        self.report.frames_skipped = state.skipped
        self._samples.to_face_ns.append(state.at_ns - state.captured_ns)
        if state.box is None:
            self._samples.no_face[str(state.reason)] += 1
        else:
            self.usable_face_s = at_s
            self.report.faces += 1

    def _take_emotion(self, state: EmotionState, _at_s: float) -> None:
        self.emotion = state
        self._samples.labels[state.label] += 1
        self._samples.to_emotion_ns.append(state.at_ns - state.captured_ns)
        if state.reason is not None:
            self._samples.doubt[state.reason] += 1

    def _take_movement(self, state: MovementState, _at_s: float) -> None:
        self.movement = state
        seen = self.report.movement
        seen.camera_kind = state.camera_kind or seen.camera_kind
        if state.log_energy is None:
            reason = str(state.reason)
            seen.unknown[reason] = seen.unknown.get(reason, 0) + 1
            return
        least, most = seen.min_log_energy, seen.max_log_energy
        seen.known += 1
        seen.min_log_energy = min(state.log_energy if least is None else least, state.log_energy)
        seen.max_log_energy = max(state.log_energy if most is None else most, state.log_energy)

    def _take_heart(self, state: HeartState, _at_s: float) -> None:
        self.heart = state
        seen = self.report.heart
        seen.source_kind = state.source_kind
        if state.rate_bpm is None:
            reason = str(state.reason)
            seen.unknown[reason] = seen.unknown.get(reason, 0) + 1
            return
        seen.known += 1
        seen.min_bpm = min(seen.min_bpm or state.rate_bpm, state.rate_bpm)
        seen.max_bpm = max(seen.max_bpm or state.rate_bpm, state.rate_bpm)

    def _take_voice(self, state: VoiceState, _at_s: float) -> None:
        self.voice = state
        seen = self.report.voice
        seen.source_kind = str(state.source_kind or "")
        if state.condition is not VoiceCondition.LISTENING:
            seen.unknown[state.condition] = seen.unknown.get(state.condition, 0) + 1
            return
        seen.known += 1
        if state.above_floor_db is not None:
            highest_db = seen.max_above_floor_db or 0.0
            seen.max_above_floor_db = max(highest_db, state.above_floor_db)

    def _take_sound(self, state: SoundState, _at_s: float) -> None:
        self.sound = state
        seen = self.report.sound
        seen.conditions[state.condition] = seen.conditions.get(state.condition, 0) + 1
        if state.condition is SoundCondition.PLAYING:
            seen.tracks[state.track] = seen.tracks.get(state.track, 0) + 1

    def _take_session(self, state: SessionState, at_s: float) -> None:
        last, self.session = self.session, state
        change = IntensityChange(
            at_s=round(at_s, 2),
            phase=state.phase,
            scenario=state.scenario,
            cycle=state.cycle,
            intensity_pct=state.intensity_pct,
            change=state.change,
            reason=state.reason,
            evidence=state.evidence,
        )
        if last is not None and state.cycle > last.cycle:
            self.report.cycles.append(change)
        if last is None or (last.phase, last.change, last.reason) != (
            state.phase,
            state.change,
            state.reason,
        ):
            self.report.changes.append(change)

    def _take_setpoint(self, setpoint: Setpoint, _at_s: float) -> None:
        self.report.setpoints += 1
        self.report.highest_vibration_pct = max(
            self.report.highest_vibration_pct, setpoint.vibration.level_pct
        )
        if setpoint.captured_ns is not None:
            self._samples.to_setpoint_ns.append(setpoint.at_ns - setpoint.captured_ns)
        self._samples.sent_ns[setpoint.seq] = setpoint.at_ns
        while len(self._samples.sent_ns) > SETPOINTS_REMEMBERED:
            del self._samples.sent_ns[next(iter(self._samples.sent_ns))]

    def _take_chair(self, state: ChairState, at_s: float) -> None:
        last, self.chair = self.chair, state
        if last is None or last.mode is not state.mode:
            reason = state.fault or state.stop_reason or state.reason
            self.report.chair_states.append(
                ChairPoint(at_s=round(at_s, 2), state=state.mode, reason=reason)
            )
        sent_ns = self._samples.sent_ns.pop(state.setpoint_seq or 0, None)
        if sent_ns is not None:
            self._samples.to_applied_ns.append(state.at_ns - sent_ns)

    def _take_stop(self, state: StopState, _at_s: float) -> None:
        self.stop = state

    def _take_alarm(self, alarm: Alarm, at_s: float) -> None:
        self.report.alarms.append(
            AlarmPoint(at_s=round(at_s, 2), kind=alarm.kind, active=alarm.active, text=alarm.text)
        )

    def _take_rejected(self, rejected: RejectedMessage, at_s: float) -> None:
        self.report.rejected.append(
            Rejection(at_s=round(at_s, 2), topic=rejected.topic, reason=rejected.reason)
        )

    def finish(self) -> DemoReport:
        """The report with its sums."""
        self.report.no_face = dict(self._samples.no_face)
        self.report.emotions = dict(self._samples.labels)
        self.report.doubt = dict(self._samples.doubt)
        self.report.latency = Latencies(
            camera_to_face=Latency.of(self._samples.to_face_ns),
            camera_to_emotion=Latency.of(self._samples.to_emotion_ns),
            camera_to_setpoint=Latency.of(self._samples.to_setpoint_ns),
            setpoint_to_applied=Latency.of(self._samples.to_applied_ns),
        )
        return self.report
