"""The product's own engine with an owned clock, a chair that obeys and a watchdog that is content.

The one module here that knows scenario-selector: when its engine gets further inputs, they are
delivered in `_hear` and named in `HEARD`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import log
from typing import Any

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.chair import ArmOutcome, ArmResult, ChairMode, ChairState
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import (
    AUTO,
    Phase,
    SessionAction,
    SessionCommand,
    SessionState,
)
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.scenario_selector import (
    Chooser,
    Cue,
    Engine,
    Learned,
    Scenario,
    Trial,
    Tuning,
    features_of,
    load_scenarios,
    strength_of,
)
from calmloop.simulate.camera import Seen
from calmloop.simulate.engines import STUDIED, Observation, View
from calmloop.simulate.faces import FaceTracks
from calmloop.simulate.records import MemoryRecords
from calmloop.simulate.signals import Signal

HOST = "simulated"
SAFE = ChairState(mode=ChairMode.SAFE, arm_ready=True, session_left_s=1800.0)
NO_STOP = StopState(latched=False)
CALM = 0.0
"""How every child of the learning experiment arrives."""
ENDED = datetime(2026, 1, 1, tzinfo=UTC)


def _log_odds(probability: float) -> float:
    held = min(0.999, max(0.001, probability))
    return log(held / (1.0 - held))


KNOWN_AS: dict[Signal, tuple[Cue, Callable[[float], float]]] = {
    Signal.MOVEMENT: (Cue.MOVEMENT, lambda restless: 3.0 * restless),
    Signal.HEART: (Cue.HEART, lambda rate: rate),
    Signal.VOICE: (Cue.VOICE, _log_odds),
}
"""The engine's own names and units of the signals that are a number."""
HEARD = frozenset({*KNOWN_AS, Signal.IDENTITY})
"""What it has an input for and is told: face-detector names tracks, and cannot tell closed eyes."""


class ProductEngine:
    """One session of scenario-selector's engine."""

    def __init__(
        self,
        seed: int,
        minutes: float,
        record: Learned | None = None,
        tuning: Tuning | None = None,
        accepts: frozenset[Signal] = HEARD,
    ) -> None:
        self.accepts = accepts
        self._clock = ManualClock()
        ages = Ages(self._clock, HOST)
        self.records = MemoryRecords(record.model_copy(deep=True) if record else Learned())
        self._engine = Engine(
            clock=self._clock,
            ages=ages,
            library=library(),
            records=self.records,
            tuning=tuning or Tuning(),
            rng=random.Random(seed),
        )
        self._minutes = minutes
        self._chair = SAFE
        self._frames = 0
        self._tracks = FaceTracks()
        self._begun = False
        self._state = self._engine.state

    @property
    def record(self) -> Learned:
        """See DrivenEngine."""
        return self.records.kept

    @property
    def ended(self) -> bool:
        """See DrivenEngine."""
        return self._begun and self._state.phase is Phase.IDLE

    def step(self, seen: Observation, elapsed_s: float) -> View:
        """See DrivenEngine."""
        self._clock.advance(elapsed_s)
        self._hear(seen)
        self._engine.turn()
        if not self._begun:
            self._start()
        setpoint = self._engine.pop_setpoint()
        self._let_chair_obey(setpoint)
        self._state = self._engine.state
        return _view(self._state, setpoint)

    def resume(self) -> None:
        """See DrivenEngine."""
        token = self._engine.state.start_token
        self._engine.handle_command(SessionCommand(action=SessionAction.RESUME, token=token))

    def answer(self, *, upset: bool, is_child: bool, is_asleep: bool) -> None:
        """See DrivenEngine; the first that is taken answers the one question that is asked."""
        said: tuple[dict[str, bool], ...] = (
            {"child": is_child},
            {"asleep": is_asleep},
            {"upset": upset},
        )
        for fields in said:
            token = self._engine.state.start_token
            command = SessionCommand(action=SessionAction.ANSWER, token=token, **fields)
            if self._engine.handle_command(command) is None:
                return

    def reward(self) -> float | None:
        """See DrivenEngine; the mean over the scenarios that played."""
        of_this = self._state.session_id
        trials = [trial for trial in self.records.kept.trials if trial.session_id == of_this]
        rewards = [trial.reward for trial in trials if trial.reward is not None]
        return sum(rewards) / len(rewards) if rewards else None

    def _hear(self, seen: Observation) -> None:
        surroundings = self._engine.surroundings
        surroundings.receive_stop_state(self._received(NO_STOP))
        surroundings.receive_chair(self._received(self._chair))
        self._frames += 1
        now_ns = self._clock.monotonic_ns()
        for signal, heard in seen.signals.items():
            if heard.present and signal in KNOWN_AS:
                kind, scale = KNOWN_AS[signal]
                self._engine.receive_signal(kind, scale(heard.value), now_ns / 1e9)
        if face := self._tracks.state(seen, self._frames, now_ns):
            self._engine.receive_face(self._received(face))
        reading = template(seen.face).model_copy(
            update={"frame_seq": self._frames, "captured_ns": now_ns}
        )
        surroundings.perception.receive_emotion(self._received(reading))
        self._engine.receive_emotion(reading)

    def _received(self, message: Any) -> Received[Any]:
        return Received(message, self._clock.monotonic_ns())

    def _start(self) -> None:
        command = SessionCommand(
            action=SessionAction.START,
            token=self._engine.state.start_token,
            scenario=AUTO,
            minutes=self._minutes,
        )
        self._begun = self._engine.handle_command(command) is None

    def _let_chair_obey(self, setpoint: Setpoint | None) -> None:
        if start_id := self._engine.pop_arm_request():
            armed = ArmResult(start_id=start_id, outcome=ArmOutcome.ACCEPTED)
            self._chair = SAFE.model_copy(update={"mode": ChairMode.ARMED, "arm": armed})
        elif setpoint is not None and self._chair.mode is ChairMode.ARMED:
            self._chair = self._chair.model_copy(update={"mode": ChairMode.ACTIVE})


@dataclass(frozen=True)
class Product:
    """Makes the product's engine.

    Attributes:
        tuning: Its bounded settings; as they ship when None.
        eyes: Whether closed eyes can be told, which face-detector cannot.
    """

    tuning: Tuning | None = None
    name: str = "product"
    eyes: bool = False

    @property
    def accepts(self) -> frozenset[Signal]:
        """See EngineFactory."""
        return HEARD | {Signal.EYES} if self.eyes else HEARD

    def __call__(self, seed: int, minutes: float, record: Learned | None = None) -> ProductEngine:
        """See EngineFactory."""
        return ProductEngine(seed, minutes, record, self.tuning, self.accepts)

    @property
    def learner(self) -> "type[ProductLearner]":
        """See StudiedEngine."""
        return ProductLearner

    def features(self) -> dict[str, tuple[float, ...]]:
        """See StudiedEngine."""
        return {name: _levels(entry) for name, entry in library().items()}

    def gentlest(self) -> str:
        """See StudiedEngine: the scenario with the least of everything."""
        return min(library().values(), key=strength_of).name


@lru_cache(maxsize=1)
def library() -> dict[str, Scenario]:
    """The scenarios that are studied, as they ship."""
    shipped = load_scenarios()
    return {name: shipped[name] for name in STUDIED}


@lru_cache(maxsize=8192)
def template(seen: Seen) -> EmotionState:
    """The message of a frame, but for its number and time."""
    answer = seen.answer
    return EmotionState(
        frame_seq=0,
        captured_ns=0,
        label=answer.label if answer else Label.UNKNOWN,
        confidence=answer.confidence if answer else 0.0,
        valence=answer.valence if answer else 0.0,
        reason=answer.reason if answer else seen.reason,
    )


def _view(state: SessionState, setpoint: Setpoint | None) -> View:
    stimulus = setpoint or Setpoint()
    light = stimulus.light
    return View(
        phase=state.phase,
        intensity_pct=state.intensity_pct,
        vibration_pct=stimulus.vibration.level_pct,
        sound_pct=stimulus.sound.level_pct,
        light_pct=max(light.red_pct, light.green_pct, light.blue_pct),
        scenario=state.scenario,
        announced=str(getattr(state, "next", "") or ""),
        halted=state.distress,
        asking=state.question,
        reason=state.reason,
    )


class ProductLearner:
    """What scenario-selector learns over the sessions of one child."""

    def __init__(self, seed: int) -> None:
        self._learned = Learned()
        self._dice = random.Random(seed)
        self._allowed = [library()[name] for name in sorted(library())]

    def choose(self) -> str:
        """See Learner."""
        return Chooser(self._allowed, self._learned, self._dice).choose(CALM).scenario.name

    def learn(self, scenario: str, reward: float) -> None:
        """See Learner."""
        self._learned.add(
            Trial(
                session_id=str(len(self._learned.trials)),
                ended=ENDED,
                scenario=scenario,
                features=features_of(library()[scenario]),
                arrival=CALM,
                calm=reward,
            )
        )


def _levels(entry: Scenario) -> tuple[float, ...]:
    def mean(track: str) -> float:
        levels = (
            (phase.duration_s, getattr(phase, track).level_pct if getattr(phase, track) else 0.0)
            for phase in entry.phases
        )
        return sum(seconds * level for seconds, level in levels) / entry.duration_s

    return mean("vibration"), mean("sound"), mean("light")
