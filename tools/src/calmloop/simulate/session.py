"""Runs one session: a child, what is seen of it, an engine, a caregiver; and keeps its trace."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.session import Phase
from calmloop.simulate.answers import Answers
from calmloop.simulate.camera import Camera
from calmloop.simulate.caregiver import Caregiver
from calmloop.simulate.children import Behaviour, Child
from calmloop.simulate.engines import EngineFactory, Observation, View
from calmloop.simulate.signals import RELIABILITY, Reliability, Senses, Signal
from calmloop.simulate.streams import Stream
from calmloop.simulate.truth import Felt, Truth

SLEW_PCT_PER_S = 20.0
"""The chair's gate lets a level rise no faster: 0 to 100 % in 5 s. Falls are at once."""
SOFT_END_S = 90.0
"""How long a session may take beyond its planned minutes, for its start and its closing."""
PHASES = tuple(Phase)

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]


class EventKind(StrEnum):
    """What can happen in a session."""

    STARTED = "started"
    SCENARIO = "scenario"
    ASKED = "asked"
    PAUSED = "paused"
    HALTED = "halted"
    ENDED = "ended"


@dataclass(frozen=True)
class TraceEvent:
    """Something that happened; `detail` is a scenario or a reason."""

    at_s: float
    kind: EventKind
    detail: str = ""


@dataclass(frozen=True)
class Conditions:
    """Of a run of sessions.

    Attributes:
        minutes: Planned length of each.
        stream: How the network's answers follow one another.
        rate_hz: Frames, readings and turns of the engine a second.
        answers_after_s: When the caregiver answers what is asked; never when None.
        earlier: Sessions that each child had before, calm ones without its script.
        signals: Those that are there; an engine is handed the ones that it accepts of them.
        table: How reliable they are.
    """

    minutes: float = 15.0
    stream: Stream = Stream.FOUR_2S
    rate_hz: float = 5.0
    answers_after_s: float | None = 20.0
    earlier: int = 0
    signals: frozenset[Signal] = frozenset(Signal)
    table: dict[Signal, Reliability] = field(default_factory=lambda: RELIABILITY)


@dataclass
class Trace:
    """What happened in one session, at each time step.

    Attributes:
        child: Whose.
        step_s: Length of a time step.
        intensity: In percent.
        phase: Index in PHASES.
        distress: True one, 0..1.
        over_limit: 1 while the child is upset by the chair.
        events: In their order.
        reward: What the engine says that it was worth, 0..1; None when nothing was learned.
    """

    child: Child
    step_s: float
    events: list[TraceEvent] = field(default_factory=list)
    reward: float | None = None
    intensity: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    phase: Codes = field(default_factory=lambda: np.zeros(0, np.uint8))
    distress: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    over_limit: Codes = field(default_factory=lambda: np.zeros(0, np.uint8))

    @property
    def time_s(self) -> npt.NDArray[np.float64]:
        """End of each step, from 0 at the caregiver's start."""
        steps: npt.NDArray[np.float64] = np.arange(1.0, len(self.intensity) + 1.0)
        return steps * self.step_s

    def level_at(self, at_s: float) -> float:
        """Intensity at a time; 0 after the end."""
        step = round(at_s / self.step_s) - 1
        return float(self.intensity[step]) if 0 <= step < len(self.intensity) else 0.0

    def at(self, kind: EventKind) -> float | None:
        """When something first happened; None if it did not."""
        return next((event.at_s for event in self.events if event.kind is kind), None)

    @property
    def halted_s(self) -> float | None:
        """When the engine called distress."""
        return self.at(EventKind.HALTED)

    @property
    def lasted_s(self) -> float:
        """From the start to the end, or as long as it was watched."""
        begun = self.at(EventKind.STARTED)
        watched_s = len(self.intensity) * self.step_s
        end = self.halted_s or self.at(EventKind.ENDED) or watched_s
        return 0.0 if begun is None else end - begun

    def was_in(self, phase: Phase, at_s: float) -> bool:
        """Whether it was in a phase at a time."""
        step = round(at_s / self.step_s) - 1
        return 0 <= step < len(self.phase) and PHASES[self.phase[step]] is phase


class SimulatedSession:
    """One session, step by step."""

    def __init__(
        self,
        child: Child,
        factory: EngineFactory,
        how: Conditions,
        answers: Answers,
        seed: int,
        record: Any = None,
    ) -> None:
        self.engine = factory(seed, how.minutes, record)
        self.trace = Trace(child, 1.0 / how.rate_hz)
        self._behaviour = Behaviour(child, seed)
        self._camera = Camera(child, answers, how.stream, seed)
        self._senses = Senses(child, how.signals & self.engine.accepts, seed, how.table)
        self._caregiver = Caregiver(how.answers_after_s)
        self._felt = Felt()
        self._view = View()
        self._noted: list[tuple[float, int, float, bool]] = []

    def step(self, now_s: float) -> bool:
        """Lets one time step pass that ends at `now_s`; False once the session is over."""
        step_s = self.trace.step_s
        truth = self._behaviour.step(now_s, step_s, self._felt)
        face = self._camera.look(truth, now_s)
        view = self.engine.step(Observation(face, self._senses.read(truth, now_s)), step_s)
        self._caregiver.attend(self.engine, view, truth, now_s)
        self._felt = _felt(self._felt, view, step_s)
        self._note(view, truth, now_s)
        return not self.engine.ended

    def close(self) -> Trace:
        """The whole trace."""
        intensity, phase, distress, over = zip(*self._noted, strict=True)
        self.trace.intensity = np.array(intensity, np.float32)
        self.trace.phase = np.array(phase, np.uint8)
        self.trace.distress = np.array(distress, np.float32)
        self.trace.over_limit = np.array(over, np.uint8)
        self.trace.reward = self.engine.reward()
        return self.trace

    def _note(self, view: View, truth: Truth, now_s: float) -> None:
        trace, before = self.trace, self._view
        code = PHASES.index(view.phase)
        self._noted.append((view.intensity_pct, code, truth.distress, truth.over_limit))
        if view.phase is not before.phase or view.scenario != before.scenario:
            self._note_change(view, before, now_s)
        if view.halted and not before.halted:
            trace.events.append(TraceEvent(now_s, EventKind.HALTED, view.reason))
        if view.asking and view.asking != before.asking:
            trace.events.append(TraceEvent(now_s, EventKind.ASKED, view.asking))
        self._view = view

    def _note_change(self, view: View, before: View, now_s: float) -> None:
        events = self.trace.events
        if before.phase is Phase.IDLE:
            events.append(TraceEvent(now_s, EventKind.STARTED, view.scenario))
        elif view.scenario != before.scenario and view.scenario:
            announced = before.announced == view.scenario
            events.append(TraceEvent(now_s, EventKind.SCENARIO, "announced" if announced else ""))
        if view.phase is Phase.PAUSED and before.phase is not Phase.PAUSED:
            events.append(TraceEvent(now_s, EventKind.PAUSED, view.reason))
        if view.phase is Phase.IDLE:
            events.append(TraceEvent(now_s, EventKind.ENDED, view.reason))


def run_session(
    child: Child, factory: EngineFactory, how: Conditions, answers: Answers, seed: int
) -> Trace:
    """One session of one child, from a caregiver's start to its end; the last of several.

    Args:
        child: Who sits in the chair.
        factory: Makes the engine.
        how: Length, stream, caregiver, signals.
        answers: The network's answers to draw from.
        seed: Of this session; the child's own decides what the child is like.
    """
    record = None
    for number in range(how.earlier):
        calm = replace(child, script=())
        before = SimulatedSession(calm, factory, how, answers, _earlier_seed(seed, number), record)
        _run(before, how)
        record = before.engine.record
    session = SimulatedSession(child, factory, how, answers, seed, record)
    _run(session, how)
    return session.close()


def _earlier_seed(seed: int, number: int) -> int:
    return -1 - seed * 1_000 - number


def _run(session: SimulatedSession, how: Conditions) -> None:
    steps = round((how.minutes * 60.0 + SOFT_END_S) * how.rate_hz)
    for number in range(1, steps + 1):
        if not session.step(number / how.rate_hz):
            break


def _felt(before: Felt, view: View, step_s: float) -> Felt:
    risen = SLEW_PCT_PER_S * step_s
    return Felt(
        min(view.vibration_pct, before.vibration_pct + risen),
        min(view.sound_pct, before.sound_pct + risen),
        min(view.light_pct, before.light_pct + risen),
        view.intensity_pct,
    )
