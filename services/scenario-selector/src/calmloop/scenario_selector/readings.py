"""Readings of a face, each weighted by the time that it stands for.

A reading stands until the next one, so neither the frame rate nor a flood of messages changes
what a window of them amounts to.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from calmloop.contract.messages.emotion import DoubtReason, EmotionState, Label
from calmloop.scenario_selector.limits import (
    ABSENT_BELOW,
    AMBIGUOUS_S,
    FAINT_CONFIDENCE,
    FAINT_VALENCE,
    HOLD_S,
    MAX_BASELINE_VALENCE,
    MAX_CONFIRMED_VALENCE,
    PRESENCE_WINDOW_S,
    PRESENT_FROM,
    RAISE_CONFIDENCE,
    READING_LASTS_S,
    READING_SPACING_S,
)

CLEAR_DOUBT = frozenset({DoubtReason.AMBIGUOUS, DoubtReason.LOW_CONFIDENCE})
"""A face was read, and lies between the classes."""

FRAME_ORDER_SPAN = 100
"""A frame further behind the newest than this comes from a camera that started again."""


@dataclass(frozen=True)
class Sample:
    """One emotion and the time in s from which it stands."""

    at_s: float
    frame: tuple[int, int]
    label: Label
    valence: float
    confidence: float
    ambiguous: bool = False
    """A clear face between the classes."""

    @cached_property
    def known(self) -> bool:
        """Whether it says anything at all."""
        return self.label is not Label.UNKNOWN and self.confidence > 0.0

    @property
    def in_view(self) -> bool:
        """Whether there is a clear face, whatever it shows."""
        return self.known or self.ambiguous


def frame_of(state: EmotionState) -> tuple[int, int]:
    """What identifies its frame, also among those of an earlier run of the camera."""
    return state.frame_seq, state.captured_ns


def sample_of(state: EmotionState, at_s: float) -> Sample:
    """A reading; a clear face that leans to positive, too faintly to be called so, is neutral."""
    frame, ambiguous = frame_of(state), state.reason is DoubtReason.AMBIGUOUS
    if state.reason in CLEAR_DOUBT and state.valence >= FAINT_VALENCE:
        return Sample(at_s, frame, Label.NEUTRAL, state.valence, FAINT_CONFIDENCE)
    return Sample(at_s, frame, state.label, state.valence, state.confidence, ambiguous)


@dataclass(frozen=True)
class Summary:
    """Sums over the readings of a window, weighted by the time that each stood for."""

    known_s: float = 0.0
    valence: float = 0.0
    confidence: float = 0.0
    readings: int = 0
    unknown: int = 0
    ambiguous: float = 0.0
    """Share of the time in which a clear face lay between the classes."""


def _summary(spans: list[tuple[Sample, float]]) -> Summary:
    """In one pass: it is most of what a turn of the engine costs."""
    known_s = ambiguous_s = all_s = weight = moment = 0.0
    unknown = 0
    for reading, span_s in spans:
        all_s += span_s
        if reading.known:
            weighted = span_s * reading.confidence
            known_s += span_s
            weight += weighted
            moment += weighted * reading.valence
        else:
            unknown += 1
            ambiguous_s += span_s if reading.ambiguous else 0.0
    return Summary(
        known_s=known_s,
        ambiguous=ambiguous_s / all_s if all_s else 0.0,
        valence=moment / weight if weight else 0.0,
        confidence=min(1.0, weight / known_s) if known_s else 0.0,
        readings=len(spans),
        unknown=unknown,
    )


class Readings:
    """The readings of the last `window_s` seconds, each frame once."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._held: deque[Sample] = deque()
        self._frames: set[tuple[int, int]] = set()

    def add(self, state: EmotionState, now_s: float) -> bool:
        """Adds a reading at its arrival; False if its frame is already there."""
        frame = frame_of(state)
        if frame in self._frames:
            return False
        if self._held and now_s - self._held[-1].at_s < READING_SPACING_S:
            if is_older(frame, self._held[-1].frame):
                return False
            now_s = self._forget(self._held.pop()).at_s
        self._held.append(sample_of(state, now_s))
        self._frames.add(frame)
        self._drop_old(now_s)
        return True

    def clear(self) -> None:
        """Forgets all of them."""
        self._held.clear()
        self._frames.clear()

    def summary(self, now_s: float) -> Summary:
        """What they amount to over the window that ends at `now_s`."""
        return _summary(self.spans(now_s))

    def spans(self, now_s: float) -> list[tuple[Sample, float]]:
        """Each reading of that window and for how long it stood in it, in s, the newest first."""
        spans = []
        begin_s, until_s = now_s - self._window_s, now_s
        for reading in reversed(self._held):
            at_s = reading.at_s
            end_s = min(until_s, at_s + READING_LASTS_S)
            until_s = at_s
            if end_s <= begin_s:
                break
            span_s = end_s - (at_s if at_s > begin_s else begin_s)
            spans.append((reading, max(0.0, span_s)))
        return spans

    def is_positive(self, now_s: float) -> bool:
        """Whether the last reading is positive, more than a guess, and still stands."""
        if not self._held:
            return False
        last = self._held[-1]
        stands = now_s - last.at_s <= READING_LASTS_S
        return stands and last.label is Label.POSITIVE and last.confidence >= RAISE_CONFIDENCE

    def _drop_old(self, now_s: float) -> None:
        oldest_s = now_s - self._window_s - READING_LASTS_S
        while self._held and self._held[0].at_s < oldest_s:
            self._forget(self._held.popleft())

    def _forget(self, sample: Sample) -> Sample:
        self._frames.discard(sample.frame)
        return sample


def is_older(frame: tuple[int, int], newest: tuple[int, int]) -> bool:
    """Whether a frame (seq, captured_ns) came before `newest` from the same run of the camera."""
    behind = newest[0] - frame[0]
    return 0 <= behind <= FRAME_ORDER_SPAN and frame[1] <= newest[1]


class _Presence:
    """Whether what counts is there, and since when it is not, by its share of the time."""

    def __init__(self, counts: Callable[[Sample], bool], now_s: float) -> None:
        self._counts = counts
        self._last_s = now_s
        self._lost_since_s: float | None = now_s

    @property
    def is_there(self) -> bool:
        return self._lost_since_s is None

    def lost_for_s(self, now_s: float) -> float:
        return 0.0 if self._lost_since_s is None else now_s - self._lost_since_s

    def note(self, sample: Sample, now_s: float) -> None:
        if self._counts(sample):
            self._last_s = now_s

    def update(self, spans: list[tuple[Sample, float]]) -> None:
        counts = self._counts
        there_s = sum([span_s for sample, span_s in spans if counts(sample)])
        share = there_s / PRESENCE_WINDOW_S
        if self._lost_since_s is None and share < ABSENT_BELOW:
            self._lost_since_s = self._last_s
        elif self._lost_since_s is not None and share >= PRESENT_FROM:
            self._lost_since_s = None


class Visibility:
    """Whether the face is known, ambiguous or absent, by its share of the last two seconds."""

    def __init__(self, now_s: float) -> None:
        self._readings = Readings(PRESENCE_WINDOW_S)
        self._known = _Presence(lambda sample: sample.known, now_s)
        self._in_view = _Presence(lambda sample: sample.in_view, now_s)

    @property
    def present(self) -> bool:
        """Whether the face is seen and says something."""
        return self._known.is_there

    def lost_for_s(self, now_s: float) -> float:
        """Time since the face was lost, counted from its last known reading; 0 while present.

        A clear face that says nothing certain is not lost before AMBIGUOUS_S - HOLD_S.
        """
        ambiguous_s = self._known.lost_for_s(now_s) - (AMBIGUOUS_S - HOLD_S)
        return max(0.0, self._in_view.lost_for_s(now_s), ambiguous_s)

    def add(self, state: EmotionState, now_s: float) -> None:
        """Adds a reading at its arrival."""
        if self._readings.add(state, now_s):
            sample = sample_of(state, now_s)
            self._known.note(sample, now_s)
            self._in_view.note(sample, now_s)

    def forget(self) -> None:
        """Drops the readings; the time of the last known one stays."""
        self._readings.clear()

    def update(self, now_s: float) -> None:
        """Judges the last two seconds."""
        spans = self._readings.spans(now_s)
        self._known.update(spans)
        self._in_view.update(spans)


class Baseline:
    """This child's own neutral, measured while nothing changes."""

    def __init__(self) -> None:
        self._last: Sample | None = None
        self._known_s = 0.0
        self._weight = 0.0
        self._moment = 0.0

    @property
    def known_s(self) -> float:
        """Time in which the face was known."""
        return self._known_s

    @property
    def valence(self) -> float:
        """Weighted mean, clamped: see MAX_BASELINE_VALENCE."""
        return max(-MAX_BASELINE_VALENCE, min(MAX_BASELINE_VALENCE, self._mean))

    @property
    def confirmed_valence(self) -> float:
        """The same once a caregiver has said that it is usual: see MAX_CONFIRMED_VALENCE."""
        return max(-MAX_CONFIRMED_VALENCE, min(MAX_BASELINE_VALENCE, self._mean))

    @property
    def _mean(self) -> float:
        return self._moment / self._weight if self._weight else 0.0

    def add(self, state: EmotionState, now_s: float) -> None:
        """Adds a reading at its arrival; the one before it stood until now."""
        if self._last is not None and self._last.known:
            span_s = min(READING_LASTS_S, max(0.0, now_s - self._last.at_s))
            self._known_s += span_s
            self._weight += span_s * self._last.confidence
            self._moment += span_s * self._last.confidence * self._last.valence
        self._last = sample_of(state, now_s)
