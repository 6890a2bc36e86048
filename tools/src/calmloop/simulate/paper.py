"""The paper's bare rule, as a baseline: neutral unchanged, positive up, negative down or halted.

Nothing of the product is in it but the length of a cycle and the sizes of the steps.
"""

from collections import Counter
from dataclasses import dataclass

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Phase
from calmloop.simulate.engines import Observation, View
from calmloop.simulate.signals import Signal

CYCLE_S = 5.0
START_PCT, UP_PCT, DOWN_PCT, CEILING_PCT = 20.0, 5.0, 10.0, 60.0
TRACKS = (0.6, 0.5, 0.35)
"""Typical levels of a scenario's vibration, sound and light; the light does not follow."""


class PaperEngine:
    """One session by the bare rule: the commonest label of each cycle decides.

    "Down or halted": down by a step, and halted where there is nothing left to lower.
    """

    accepts: frozenset[Signal] = frozenset()
    record: None = None

    def __init__(self, minutes: float) -> None:
        self.ended = False
        self._left_s = minutes * 60.0
        self._level_pct = 0.0
        self._cycle_s = 0.0
        self._labels: Counter[Label] = Counter()
        self._calm = self._cycles = 0
        self._halted = self._begun = False

    def step(self, seen: Observation, elapsed_s: float) -> View:
        """See DrivenEngine."""
        answer = seen.face.answer
        if not self._begun and answer is not None:
            self._begun, self._level_pct = True, START_PCT
        if self._begun and not self.ended:
            self._labels[answer.label if answer else Label.UNKNOWN] += 1
            self._pass(elapsed_s)
        return self._view()

    def resume(self) -> None:
        """See DrivenEngine; it never pauses."""

    def answer(self, *, upset: bool, is_child: bool, is_asleep: bool) -> None:
        """See DrivenEngine; it asks nothing."""

    def reward(self) -> float | None:
        """See DrivenEngine: the share of cycles that were not negative; 0 when halted."""
        if self._halted:
            return 0.0
        return self._calm / self._cycles if self._cycles else None

    def _pass(self, elapsed_s: float) -> None:
        self._left_s -= elapsed_s
        self._cycle_s += elapsed_s
        if self._left_s <= 0.0:
            self.ended, self._level_pct = True, 0.0
        elif self._cycle_s >= CYCLE_S:
            self._react(self._labels.most_common(1)[0][0])
            self._cycle_s, self._labels = 0.0, Counter()

    def _react(self, label: Label) -> None:
        self._cycles += 1
        self._calm += label is not Label.NEGATIVE
        if label is Label.POSITIVE:
            self._level_pct = min(CEILING_PCT, self._level_pct + UP_PCT)
        elif label is Label.NEGATIVE:
            if self._level_pct <= 0.0:
                self._halted = self.ended = True
            self._level_pct = max(0.0, self._level_pct - DOWN_PCT)

    def _view(self) -> View:
        playing = self._begun and not self.ended
        vibration, sound, light = TRACKS
        return View(
            phase=Phase.RUNNING if playing else Phase.IDLE,
            intensity_pct=self._level_pct,
            vibration_pct=vibration * self._level_pct,
            sound_pct=sound * self._level_pct,
            light_pct=light * 100.0 if playing else 0.0,
            scenario="bare-rule" if playing else "",
            halted=self._halted,
        )


@dataclass(frozen=True)
class Paper:
    """Makes the bare rule's engine; the paper names no way of learning."""

    name: str = "paper"
    accepts: frozenset[Signal] = PaperEngine.accepts
    learner: None = None

    def __call__(self, seed: int, minutes: float, record: None = None) -> PaperEngine:
        """See EngineFactory; it has no dice and remembers nothing."""
        return PaperEngine(minutes)

    def features(self) -> dict[str, tuple[float, ...]]:
        """See StudiedEngine."""
        return {}

    def gentlest(self) -> str:
        """See StudiedEngine."""
        return ""
