"""How far shadow classifiers agree with the classifier on the same crops, while both run."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from calmloop.agreement.kappa import Estimate, cohen
from calmloop.base.clock import Clock
from calmloop.base.freshness import Received
from calmloop.bus.bus import Bus
from calmloop.contract import topics
from calmloop.contract.messages.emotion import EmotionState, Label

LABELS = tuple(Label)
KEPT_FRAMES = 150
"""Ten seconds of frames: an answer that comes later than that is compared with none."""

Frame = tuple[int, int, str]


@dataclass(frozen=True)
class LiveRow:
    """One shadow beside the classifier."""

    name: str
    model: str
    crops: int
    same: float
    """Share of the crops of which both say the same; unknown is an answer, too."""
    kappa: Estimate
    """Cohen's, of the four labels; NaN where both say one thing all the time."""
    unknown: tuple[int, int]
    """How often the classifier and the shadow say unknown."""


class LiveAgreement:
    """Pairs what two networks say of a frame, in whatever order they say it."""

    def __init__(self) -> None:
        self._obeyed: dict[Frame, Label] = {}
        self._waiting: dict[tuple[str, Frame], Label] = {}
        self._pairs: dict[str, Counter[tuple[Label, Label]]] = {}
        self._models: dict[str, str] = {}

    def subscribe(self, bus: Bus) -> None:
        """Hears both from now on."""
        bus.subscribe(topics.EMOTION_STATE, self.receive_obeyed)
        bus.subscribe(topics.EMOTION_SHADOW, self.receive_shadow)

    def receive_obeyed(self, received: Received[EmotionState]) -> None:
        """The classifier's own answer has come."""
        frame, label = _frame(received.message), received.message.label
        _keep(self._obeyed, frame, label)
        for name in self._pairs:
            if (shadow := self._waiting.pop((name, frame), None)) is not None:
                self._pairs[name][label, shadow] += 1

    def receive_shadow(self, received: Received[EmotionState]) -> None:
        """A shadow's answer has come."""
        name, state = received.fields["name"], received.message
        self._models[name] = state.model
        pairs = self._pairs.setdefault(name, Counter())
        obeyed = self._obeyed.get(_frame(state))
        if obeyed is None:
            _keep(self._waiting, (name, _frame(state)), state.label)
        else:
            pairs[obeyed, state.label] += 1

    def rows(self) -> list[LiveRow]:
        """Each shadow that was heard, by name."""
        return [self._row(name, pairs) for name, pairs in sorted(self._pairs.items())]

    def _row(self, name: str, pairs: Counter[tuple[Label, Label]]) -> LiveRow:
        count, model = pairs.total(), self._models[name]
        if not count:
            return LiveRow(name, model, 0, math.nan, Estimate(math.nan, math.nan, math.nan), (0, 0))
        both = np.array([[LABELS.index(one), LABELS.index(other)] for one, other in pairs])
        one, other = np.repeat(both, list(pairs.values()), axis=0).T
        unknown = LABELS.index(Label.UNKNOWN)
        return LiveRow(
            name,
            model,
            count,
            float((one == other).mean()),
            cohen(one, other),
            (int((one == unknown).sum()), int((other == unknown).sum())),
        )


def _frame(state: EmotionState) -> Frame:
    return state.frame_seq, state.captured_ns, state.captured_on


def _keep(answers: dict[Any, Label], key: Any, label: Label) -> None:
    answers[key] = label
    while len(answers) > KEPT_FRAMES:
        del answers[next(iter(answers))]


def listen(bus: Bus, clock: Clock, seconds: float) -> None:
    """Has what the bus hears handled, for so long."""
    until_ns = clock.monotonic_ns() + round(seconds * 1e9)
    while (left_ns := until_ns - clock.monotonic_ns()) > 0:
        bus.wait(min(1.0, left_ns / 1e9))
        bus.dispatch()
