"""Intervals between heartbeats: which are artefacts, and what the others say.

An interval is an artefact when it is outside what a heart can do, or differs by more than a fifth
from the last good one: the filter of Malik et al., Eur Heart J 10 (1989) 1060-1074, there against
the interval before. Against the last good one a premature beat costs itself and its pause, not
the normal beat behind them. Three in a row that agree with each other are a new rhythm, so that a
first interval that was wrong, or a sudden change of rate, does not lock it out.

RMSSD is that of the Task Force of ESC and NASPE, Circulation 93 (1996) 1043-1065, of successive
good intervals; 60 s and, for a start, 30 s are enough for it (Munoz et al., PLoS ONE 10 (2015)
e0138921). It is told only while at most a fifth of the intervals are artefacts.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from calmloop.contract.messages.biosignal import MAX_RATE_BPM, MIN_RATE_BPM
from calmloop.heart_monitor.breathing import breaths_per_min

WINDOW_S = 60.0
MIN_COVERED_S = 30.0
RATE_WINDOW_S = 10.0
MIN_GOOD_SHARE = 0.5
"""With more artefacts than beats, chance decides which are which."""
MIN_RR_MS = 60_000 / MAX_RATE_BPM
MAX_RR_MS = 60_000 / MIN_RATE_BPM
TOLERANCE = 0.2
NEW_RHYTHM = 3
MAX_ARTEFACT_SHARE = 0.2
GAP_S = 2.5
"""A sensor tells each second of the beats of that second: so much more is a message lost."""
MAX_HELD = 600
"""More than 60 s of the fastest heart can have, so that a flood fills no memory."""


@dataclass(frozen=True, slots=True)
class _Beat:
    at_ns: int
    rr_ms: float
    good: bool
    follows: bool
    """Whether the one before it was good, too, and no time was lost between them."""
    behind_gap: bool
    """Whether time was lost before it."""


@dataclass(frozen=True)
class Variability:
    """What the last 60 s say.

    Attributes:
        rate_bpm: Of the good intervals of the last 10 s; None while most are artefacts.
        rmssd_ms: None while too little is covered or too much is left out.
        breaths_per_min: None then, and where no breath stands out in the intervals.
        artefact_share: None without any interval.
        covered_s: What the good intervals sum to, 60 s at most.
        told_s: What all of them sum to, each taken for the longest possible at most.
    """

    rate_bpm: float | None
    rmssd_ms: float | None
    breaths_per_min: float | None
    artefact_share: float | None
    covered_s: float
    told_s: float


class Filter:
    """Tells artefacts from good intervals, one after another."""

    def __init__(self) -> None:
        self._anchor_ms: float | None = None
        self._rhythm: list[float] = []

    def is_good(self, rr_ms: float) -> bool:
        """Whether the next interval is a good one."""
        if not MIN_RR_MS <= rr_ms <= MAX_RR_MS:
            self._rhythm.clear()
            return False
        if self._anchor_ms is not None and not agree(rr_ms, self._anchor_ms):
            return self._begins_rhythm(rr_ms)
        self._rhythm.clear()
        self._anchor_ms = rr_ms
        return True

    def _begins_rhythm(self, rr_ms: float) -> bool:
        if self._rhythm and not agree(rr_ms, self._rhythm[-1]):
            self._rhythm.clear()
        self._rhythm.append(rr_ms)
        if len(self._rhythm) < NEW_RHYTHM:
            return False
        self._rhythm.clear()
        self._anchor_ms = rr_ms
        return True


def agree(rr_ms: float, reference_ms: float) -> bool:
    """Whether an interval is within a fifth of another."""
    return abs(rr_ms - reference_ms) <= TOLERANCE * reference_ms


class Intervals:
    """The intervals of the last 60 s by the receiver's clock, artefacts among them."""

    def __init__(self) -> None:
        self._beats: deque[_Beat] = deque(maxlen=MAX_HELD)
        self._filter = Filter()
        self._was_good = False
        self._last_ns: int | None = None

    def add(self, at_ns: int, rr_ms: Iterable[float]) -> None:
        """Takes the intervals of one message that came at `at_ns`."""
        told_ms = list(rr_ms)
        if not told_ms:
            return
        behind_gap = False
        if self._last_ns is not None:
            lost_ms = (at_ns - self._last_ns) / 1e6 - _sum_ms(told_ms)
            behind_gap = lost_ms > 1000 * GAP_S
        self._was_good = self._was_good and not behind_gap
        self._last_ns = at_ns
        for each_ms in told_ms:
            good = self._filter.is_good(each_ms)
            self._beats.append(_Beat(at_ns, each_ms, good, good and self._was_good, behind_gap))
            self._was_good, behind_gap = good, False

    def clear(self) -> None:
        """Forgets them all, the rhythm too: it may be another child's."""
        self._beats.clear()
        self._filter = Filter()
        self._was_good, self._last_ns = False, None

    def read(self, now_ns: int) -> Variability:
        """What they say now."""
        while self._beats and now_ns - self._beats[0].at_ns > WINDOW_S * 1e9:
            self._beats.popleft()
        beats = list(self._beats)
        good = [beat.rr_ms for beat in beats if beat.good]
        share = 1 - len(good) / len(beats) if beats else None
        covered_s = min(WINDOW_S, math.fsum(good) / 1000)
        enough = covered_s >= MIN_COVERED_S and (share or 0.0) <= MAX_ARTEFACT_SHARE
        fit = beats if enough else []
        return Variability(
            rate_bpm=_rate_bpm(beats, now_ns),
            rmssd_ms=rmssd_ms(fit),
            breaths_per_min=_breaths_per_min(fit),
            artefact_share=share,
            covered_s=covered_s,
            told_s=_sum_ms(beat.rr_ms for beat in beats) / 1000,
        )


def _sum_ms(rr_ms: Iterable[float]) -> float:
    """The time that intervals take, each for the longest possible at most; NaN for none."""
    return math.fsum(min(max(0.0, each_ms), MAX_RR_MS) for each_ms in rr_ms)


def _rate_bpm(beats: list[_Beat], now_ns: int) -> float | None:
    recent = [beat for beat in beats if now_ns - beat.at_ns <= RATE_WINDOW_S * 1e9]
    good = [beat.rr_ms for beat in recent if beat.good]
    if not good or len(good) < MIN_GOOD_SHARE * len(recent):
        return None
    return 60_000 * len(good) / math.fsum(good)


def _breaths_per_min(beats: list[_Beat]) -> float | None:
    """Of those since time was last lost: how far apart the others are is not known."""
    gaps = [place for place, beat in enumerate(beats) if beat.behind_gap]
    whole = beats[gaps[-1] :] if gaps else beats
    rr_ms = [_sum_ms([beat.rr_ms]) for beat in whole]
    return breaths_per_min(rr_ms, [beat.good for beat in whole])


def rmssd_ms(beats: list[_Beat]) -> float | None:
    """Root mean square of the differences of good intervals that follow each other, in ms."""
    squares = [(beat.rr_ms - before.rr_ms) ** 2 for before, beat in pairwise(beats) if beat.follows]
    return math.sqrt(math.fsum(squares) / len(squares)) if squares else None
