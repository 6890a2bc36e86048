"""What the classifier and its shadows say of the same crops, in whatever order they say it."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from calmloop.base.freshness import Received
from calmloop.contract.messages.emotion import EmotionState, Label

KEPT_FRAMES = 150
"""Ten seconds of frames: an answer that comes later than that is compared with none."""
MAX_SHADOWS = 8
"""Any further name is passed over: a flood of names takes no more memory than these."""

Frame = tuple[int, int, str]
Pair = tuple[Label, Label]
"""What the classifier says of a crop, and what a shadow says of it."""


class ShadowPairs:
    """Pairs the answers of EMOTION_STATE and EMOTION_SHADOW by frame.

    Attributes:
        models: The network of each shadow, by the shadow's name.
    """

    def __init__(self, newest: int | None = None) -> None:
        """Begins with none.

        Args:
            newest: How many pairs of each shadow to keep; all when None.
        """
        self.models: dict[str, str] = {}
        self._newest = newest
        self._obeyed: dict[Frame, Label] = {}
        self._waiting: dict[str, dict[Frame, Label]] = {}
        self._pairs: dict[str, deque[Pair]] = {}

    def receive_obeyed(self, received: Received[EmotionState]) -> None:
        """The classifier's own answer has come."""
        frame, label = _frame(received.message), received.message.label
        _keep(self._obeyed, frame, label)
        for name, waiting in self._waiting.items():
            if (shadow := waiting.pop(frame, None)) is not None:
                self._pairs[name].append((label, shadow))

    def receive_shadow(self, received: Received[EmotionState]) -> None:
        """A shadow's answer has come."""
        name, state = received.fields["name"], received.message
        if name not in self._pairs and len(self._pairs) >= MAX_SHADOWS:
            return
        self.models[name] = state.model
        pairs = self._pairs.setdefault(name, deque(maxlen=self._newest))
        waiting = self._waiting.setdefault(name, {})
        obeyed = self._obeyed.get(_frame(state))
        if obeyed is None:
            _keep(waiting, _frame(state), state.label)
        else:
            pairs.append((obeyed, state.label))

    def by_shadow(self) -> list[tuple[str, Sequence[Pair]]]:
        """The pairs of each shadow that was heard, by name."""
        return sorted(self._pairs.items())


def _frame(state: EmotionState) -> Frame:
    return state.frame_seq, state.captured_ns, state.captured_on


def _keep(answers: dict[Any, Label], key: Any, label: Label) -> None:
    answers[key] = label
    while len(answers) > KEPT_FRAMES:
        del answers[next(iter(answers))]
