"""What a face shows by its last seconds: each answer weighed with those before it. Knows no bus.

It never names what the frame network cannot tell, and never makes a face more positive than the
frame network does: positive is what can raise a stimulus.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from calmloop.base.errors import DeviceError
from calmloop.contract.messages.emotion import GROUPS, DoubtReason, Label
from calmloop.emotion_classifier.classification import Logits, ModelCalibration
from calmloop.emotion_classifier.reading import SURPRISE, EmotionReading, judge

MAX_TRACKS = 4
"""Faces that are remembered at once: whoever sends ever new ones makes it forget, not grow."""
GAP_S = 0.5
"""After so long without an answer a face begins anew; in training frames come at 5 Hz or more."""


class TemporalFaultError(DeviceError):
    """The network gave no answer; the text says why."""


class TemporalNetwork(Protocol):
    """Judges a window of one face and remembers nothing.

    Attributes:
        frames: The longest window that it takes.
        window_s: How far back a window goes.
    """

    frames: int
    window_s: float

    def likely(
        self, answers: NDArray[np.float32], ago_s: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Probability of negative, neutral and positive, (3,).

        Args:
            answers: The frame network's logits of each frame, oldest first, (n, 7).
            ago_s: How long before the newest frame each was taken, (n,).

        Raises:
            TemporalFaultError: it fails.
        """


@dataclass(frozen=True)
class Sighting:
    """When and of whom a picture was taken.

    Attributes:
        track_id: The face detector's; None where it follows nobody.
        captured_ns: On the clock of the host.
        captured_on: That host's boot.
    """

    track_id: str | None
    captured_ns: int
    captured_on: str


@dataclass
class _Window:
    captured_on: str
    answers: deque[tuple[int, Logits]] = field(default_factory=deque)

    def add(self, sighting: Sighting, logits: Logits, network: TemporalNetwork) -> None:
        now_ns = sighting.captured_ns
        is_same = sighting.captured_on == self.captured_on
        if self.answers and not (is_same and 0 < now_ns - self.answers[-1][0] <= GAP_S * 1e9):
            self.answers.clear()
        self.captured_on = sighting.captured_on
        self.answers.append((now_ns, logits))
        oldest_ns = now_ns - network.window_s * 1e9
        while len(self.answers) > 1 and (
            self.answers[0][0] <= oldest_ns or len(self.answers) > network.frames
        ):
            self.answers.popleft()

    def likely(self, network: TemporalNetwork) -> NDArray[np.float64]:
        now_ns = self.answers[-1][0]
        ago_s = np.array([(now_ns - taken_ns) / 1e9 for taken_ns, _ in self.answers], np.float32)
        return network.likely(np.stack([logits for _, logits in self.answers]), ago_s)


class OverTime:
    """Keeps the last seconds of a few faces."""

    def __init__(
        self,
        network: TemporalNetwork,
        calibration: ModelCalibration,
        on_fault: Callable[[TemporalFaultError], None],
    ) -> None:
        """Takes the frame network's calibration, and who is told where `network` fails."""
        self._network = network
        self._calibration = calibration
        self._on_fault = on_fault
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def __len__(self) -> int:
        """Faces of which something is kept."""
        return len(self._windows)

    def read(self, sighting: Sighting, logits: Logits, own: EmotionReading) -> EmotionReading:
        """What the face shows, by this answer and those before it.

        Args:
            sighting: Of whom, and when.
            logits: The frame network's answer, (7,).
            own: What that says by itself. It stands where nobody is followed, where it is unknown,
                and where the network fails.
        """
        if sighting.track_id is None or own.reason is DoubtReason.UNREADABLE:
            return own
        window = self._window(sighting.track_id, sighting.captured_on)
        window.add(sighting, logits, self._network)
        if own.label is Label.UNKNOWN:
            return own
        try:
            likely = window.likely(self._network)
        except TemporalFaultError as error:
            del self._windows[sighting.track_id]
            self._on_fault(error)
            return own
        return weighed(own, likely.tolist(), self._calibration)

    def forget(self) -> None:
        """Everybody begins anew."""
        self._windows.clear()

    def _window(self, track_id: str, captured_on: str) -> _Window:
        window = self._windows.setdefault(track_id, _Window(captured_on))
        self._windows.move_to_end(track_id)
        if len(self._windows) > MAX_TRACKS:
            self._windows.popitem(last=False)
        return window


def weighed(
    own: EmotionReading, likely: Sequence[float], calibration: ModelCalibration
) -> EmotionReading:
    """A frame's own reading with its groups made as likely as its last seconds say.

    Where these say the same group, the frame's own stands: its limits were chosen for its own
    probabilities. Else surprise and how well the face can be read stay the frame's own, and so do
    the shares of the emotions within a group; the frame network's limits decide what may be named.

    Args:
        own: The frame's, unknown or not.
        likely: Of the groups in their order, (3,), summing to 1.
        calibration: The frame network's.
    """
    groups = dict(zip(GROUPS, likely, strict=True))
    if own.label in (Label.UNKNOWN, max(groups, key=lambda label: groups[label])):
        return own
    masses = {label: sum(own.scores[one] for one in names) for label, names in GROUPS.items()}
    wanted = _allowed(masses, groups, 1 - own.scores[SURPRISE])
    scores = dict(own.scores)
    for label, names in GROUPS.items():
        for one in names:
            share = own.scores[one] / masses[label] if masses[label] > 0 else 1 / len(names)
            scores[one] = share * wanted[label]
    reading = judge(scores, calibration, own.readable)
    is_raised = reading.label is Label.POSITIVE and own.label is not Label.POSITIVE
    return own if is_raised else reading


def _allowed(
    own: dict[Label, float], likely: dict[Label, float], room: float
) -> dict[Label, float]:
    """What is wanted of `room`; what would be more positive than it was is left as it was."""
    wanted = {label: room * share for label, share in likely.items()}
    excess = max(0.0, wanted[Label.POSITIVE] - own[Label.POSITIVE])
    others = own[Label.NEGATIVE] + own[Label.NEUTRAL]
    if not others:
        return own if excess else wanted
    wanted[Label.POSITIVE] -= excess
    for label in (Label.NEGATIVE, Label.NEUTRAL):
        wanted[label] += excess * own[label] / others
    return wanted
