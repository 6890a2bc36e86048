"""Signals beside the face: how well each tells what is true, and readings made by that.

Each signal reports the thing it is for (restless movement, a fast heart, crying, ...) with a hit
rate while it is true and a false rate while it is not, late, with gaps, and scattered. An engine
is handed only the signals that it has an input for (`DrivenEngine.accepts`).
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from calmloop.simulate.children import Child
from calmloop.simulate.truth import FacePresence, Truth


class Signal(StrEnum):
    """What can be measured beside the face's expression."""

    MOVEMENT = "movement"
    HEART = "heart"
    VOICE = "voice"
    IDENTITY = "identity"
    EYES = "eyes"


@dataclass(frozen=True)
class Reliability:
    """How well a signal tells.

    Attributes:
        hit: Probability of a raised reading in a stretch in which the thing is there.
        false: The same in one in which it is not.
        stretch_s: For how long a hit or a miss stays what it is: errors come in runs.
        delay_s: From the thing to the first reading that can show it.
        dropout: Share of stretches without any reading.
        rest, raised: Means of the reading, in the signal's own unit.
        spread: Standard deviation of a reading around its mean.
        between: Standard deviation of a child's mean at rest around that of all children.
        period_s: One reading each.
        source: Where the numbers come from; "assumption" where nobody has measured them.
        asleep: Mean and standard deviation of a reading of a child who sleeps, and probability of
            a raised one in a stretch; as of one who is awake when None.
    """

    hit: float
    false: float
    stretch_s: float
    delay_s: float
    dropout: float
    rest: float
    raised: float
    spread: float
    between: float
    period_s: float
    source: str
    asleep: tuple[float, float, float] | None = None


RELIABILITY: dict[Signal, Reliability] = {
    Signal.MOVEMENT: Reliability(
        hit=0.75, false=0.06, stretch_s=3.0, delay_s=0.5, dropout=0.02,
        rest=0.10, raised=0.45, spread=0.08, between=0.04, period_s=0.2,
        source="assumption: restlessness, 0 to 1; a child at rest shifts now and then",
        asleep=(0.02, 0.005, 0.005),
    ),
    Signal.HEART: Reliability(
        hit=0.80, false=0.05, stretch_s=15.0, delay_s=8.0, dropout=0.08,
        rest=92.0, raised=118.0, spread=4.0, between=9.0, period_s=1.0,
        source="assumption: beats a minute, 4 to 12 years; a chest strap that loses contact",
    ),
    Signal.VOICE: Reliability(
        hit=0.81, false=0.01, stretch_s=2.0, delay_s=1.0, dropout=0.0,
        rest=0.05, raised=0.80, spread=0.05, between=0.02, period_s=0.5,
        source="hit: share of infants' cries over 0.5 by YAMNet; false rate: assumption",
    ),
    Signal.IDENTITY: Reliability(
        hit=0.90, false=0.002, stretch_s=10.0, delay_s=0.6, dropout=0.02,
        rest=0.0, raised=1.0, spread=0.0, between=0.0, period_s=0.2,
        source="assumption: another person's face is taken for a new track",
    ),
    Signal.EYES: Reliability(
        hit=0.85, false=0.05, stretch_s=2.0, delay_s=0.4, dropout=0.10,
        rest=0.1, raised=0.9, spread=0.08, between=0.03, period_s=0.2,
        source="assumption: probability of closed eyes; blinks and glances down count as false",
    ),
}  # fmt: skip
"""The one table. Change a number here, or hand `Senses` another table."""


@dataclass(frozen=True)
class SignalReading:
    """One reading of a signal, in its own unit; `present` is False for a gap."""

    value: float
    present: bool = True


def is_there(signal: Signal, truth: Truth) -> bool:
    """Whether what a signal is for is true now."""
    match signal:
        case Signal.MOVEMENT | Signal.HEART:
            return truth.arousal >= 0.6
        case Signal.VOICE:
            return truth.crying
        case Signal.IDENTITY:
            return truth.presence is FacePresence.REPLACED
        case Signal.EYES:
            return truth.presence is FacePresence.ASLEEP


class SignalModel:
    """One signal of one child.

    Args:
        signal: Which.
        reliability: How well it tells.
        whose: Names the child; decides its mean at rest.
        seed: Of the session.
    """

    def __init__(self, signal: Signal, reliability: Reliability, whose: str, seed: int) -> None:
        self.signal = signal
        self._how = reliability
        self._rng = random.Random(f"signal {whose} {seed}")
        self._offset = reliability.between * random.Random(f"rest {whose}").gauss(0.0, 1.0)
        self._past: deque[tuple[float, bool]] = deque()
        self._known = False
        self._raised = self._missing = False
        self._stretch_ends_s = self._due_s = float("-inf")

    def read(self, truth: Truth, now_s: float) -> SignalReading | None:
        """The reading of this moment; None between two readings."""
        late = self._delayed(is_there(self.signal, truth), now_s)
        sleeps = truth.presence is FacePresence.ASLEEP
        if now_s < self._due_s:
            return None
        self._due_s = now_s + self._how.period_s
        if late is not self._known or now_s >= self._stretch_ends_s:
            self._known = late
            self._stretch_ends_s = now_s + self._how.stretch_s
            self._raised = self._rng.random() < self._raised_share(late, sleeps)
            self._missing = self._rng.random() < self._how.dropout
        if self._missing or truth.presence is FacePresence.ABSENT:
            return SignalReading(0.0, present=False)
        noise = self._rng.gauss(0.0, 1.0)
        if sleeps and not self._raised and self._how.asleep is not None:
            mean, spread, _ = self._how.asleep
            return SignalReading(mean + spread * noise)
        mean = self._how.raised if self._raised else self._how.rest
        return SignalReading(mean + self._offset + self._how.spread * noise)

    def _raised_share(self, late: bool, sleeps: bool) -> float:
        if sleeps and self._how.asleep is not None:
            return self._how.asleep[2]
        return self._how.hit if late else self._how.false

    def _delayed(self, true_now: bool, now_s: float) -> bool:
        self._past.append((now_s, true_now))
        while len(self._past) > 1 and self._past[1][0] <= now_s - self._how.delay_s:
            self._past.popleft()
        first_s, then = self._past[0]
        return then if first_s <= now_s - self._how.delay_s else False


class Senses:
    """Some signals of one child in one session.

    Args:
        child: Whose; what its signals are like at rest does not depend on the session.
        signals: Those that the engine accepts, of those that are there.
        seed: Of the session.
        table: How reliable they are.
    """

    def __init__(
        self,
        child: Child,
        signals: frozenset[Signal],
        seed: int,
        table: Mapping[Signal, Reliability] = RELIABILITY,
    ) -> None:
        self._models = [
            SignalModel(name, table[name], f"{child.seed} {name}", seed)
            for name in Signal
            if name in signals
        ]

    def read(self, truth: Truth, now_s: float) -> dict[Signal, SignalReading]:
        """The readings that are due now, by signal."""
        readings = {model.signal: model.read(truth, now_s) for model in self._models}
        return {name: reading for name, reading in readings.items() if reading is not None}
