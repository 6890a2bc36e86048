"""Breaths a minute, from how a breath sways the intervals between heartbeats.

Breathing in quickens the heart and breathing out slows it (respiratory sinus arrhythmia). The band
is that of Schäfer and Kratky, Ann Biomed Eng 36 (2008) 476-485, who find the mean rate well in a
minute of young people at rest. The swaying is looked for by least squares at the beats' own times
(Lomb; for heartbeats Laguna, Moody and Mark, IEEE Trans Biomed Eng 45 (1998) 698-715), so that an
artefact is left out and nothing made up in its place, and in pieces whose powers are added
(Welch), since no child breathes evenly for a minute.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import mul

from calmloop.contract.messages.biosignal import MAX_BREATHS_PER_MIN, MIN_BREATHS_PER_MIN

STEP_HZ = 0.0125
LOWEST_HZ, HIGHEST_HZ = MIN_BREATHS_PER_MIN / 60.0, MAX_BREATHS_PER_MIN / 60.0
WAVES_HZ, MIN_SLOW_SHARE = 0.15, 0.5
"""Below, blood pressure sways the intervals, too (the Task Force's low frequency, about 0.1 Hz): a
breath only where none stands out above, and this one explains so much."""
AROUND_S = 5.0
"""To either side of a beat: what changes more slowly than in these 10 s is no breath."""
PIECE_S = 20.0
MIN_BEATS = 10
"""In a piece; fewer fit any swaying."""
MIN_COVERED_S = 45.0
MIN_SHARE = 0.25
MIN_OVER_CHANCE = 4.5
"""What one swaying has to explain of what is left, and how much more than of chance alone, which is
2 of so many beats on average: then 98 of 100 minutes of chance have no breath."""
BEATS_A_BREATH = 2.0
"""A faster breath cannot be seen in beats: they look at it too seldom."""

Piece = tuple[Sequence[float], Sequence[float]]
"""Times of its beats in s, and how far each interval is from those around it in ms."""


def breaths_per_min(rr_ms: Sequence[float], good: Sequence[bool]) -> float | None:
    """From intervals without a gap between them; None where no breath stands out.

    Args:
        rr_ms: One after another, artefacts among them: they take their time.
        good: Which of them are none.
    """
    times_s = [end / 1000 for end in accumulate(rr_ms)]
    beats = [(at, rr) for at, rr, is_good in zip(times_s, rr_ms, good, strict=True) if is_good]
    if math.fsum(rr for _, rr in beats) < 1000 * MIN_COVERED_S:
        return None
    beat_s = [at for at, _ in beats]
    pieces = list(_pieces(beat_s, _without_drift(beat_s, [rr for _, rr in beats])))
    highest_hz = min(HIGHEST_HZ, len(beats) / (beat_s[-1] - beat_s[0]) / BEATS_A_BREATH)
    steps = math.floor((highest_hz - LOWEST_HZ) / STEP_HZ)
    tried_hz = [LOWEST_HZ + STEP_HZ * step for step in range(-1, steps + 2)]
    found_hz = _breath_hz(tried_hz, _shares(pieces, tried_hz), _min_share(pieces))
    if found_hz is None:
        return None
    return min(MAX_BREATHS_PER_MIN, max(MIN_BREATHS_PER_MIN, 60.0 * found_hz))


def _shares(pieces: Sequence[Piece], tried_hz: Sequence[float]) -> list[float]:
    """What one swaying of each frequency explains of all of it, 0..1."""
    power = sum(_product(sway_ms, sway_ms) for _, sway_ms in pieces)
    if power <= 1e-6:
        return [0.0] * len(tried_hz)
    return [sum(_explained(*piece, hz) for piece in pieces) / power for hz in tried_hz]


def _min_share(pieces: Sequence[Piece]) -> float:
    """From which on it is no chance."""
    beats = sum(len(sway_ms) for _, sway_ms in pieces)
    return max(MIN_SHARE, MIN_OVER_CHANCE * 2.0 * len(pieces) / max(1, beats))


def _breath_hz(
    tried_hz: Sequence[float], shares: Sequence[float], min_share: float
) -> float | None:
    """The swaying that stands out, of those above WAVES_HZ if one does; None without."""
    peaks = _peaks(shares, min_share)
    quick = [place for place in peaks if tried_hz[place] >= WAVES_HZ]
    breaths = quick or [place for place in peaks if shares[place] >= MIN_SLOW_SHARE]
    if not breaths:
        return None
    top = max(breaths, key=lambda place: shares[place])
    before, at, after = shares[top - 1 : top + 2]
    return tried_hz[top] + 0.5 * STEP_HZ * (after - before) / (2.0 * at - before - after)


def _peaks(shares: Sequence[float], min_share: float) -> list[int]:
    """Where they are larger than to either side, and large enough."""
    return [
        place
        for place in range(1, len(shares) - 1)
        if shares[place - 1] < shares[place] >= shares[place + 1] and shares[place] >= min_share
    ]


def _pieces(beat_s: Sequence[float], sway_ms: Sequence[float]) -> Iterator[Piece]:
    """Of PIECE_S each, half over the one before."""
    begin_s = beat_s[0]
    while begin_s + PIECE_S / 2.0 <= beat_s[-1]:
        begin, end = bisect_left(beat_s, begin_s), bisect_right(beat_s, begin_s + PIECE_S)
        if end - begin >= MIN_BEATS:
            yield beat_s[begin:end], sway_ms[begin:end]
        begin_s += PIECE_S / 2.0


def _without_drift(beat_s: Sequence[float], rr_ms: Sequence[float]) -> list[float]:
    """Each less the mean of those around it."""
    sums = list(accumulate(rr_ms, initial=0.0))
    left = []
    for at, rr in zip(beat_s, rr_ms, strict=True):
        begin, end = bisect_left(beat_s, at - AROUND_S), bisect_right(beat_s, at + AROUND_S)
        left.append(rr - (sums[end] - sums[begin]) / (end - begin))
    return left


def _explained(beat_s: Sequence[float], sway_ms: Sequence[float], hz: float) -> float:
    """What of the sum of squares a sine of this frequency takes away, at its best."""
    turn = math.tau * hz
    cosines = [math.cos(turn * at) for at in beat_s]
    sines = [math.sin(turn * at) for at in beat_s]
    cc, cs = _product(cosines, cosines), _product(cosines, sines)
    ss = len(beat_s) - cc
    yc, ys = _product(sway_ms, cosines), _product(sway_ms, sines)
    determinant = cc * ss - cs * cs
    if determinant <= 1e-9 * cc * ss:
        return 0.0
    return (yc * yc * ss - 2.0 * yc * ys * cs + ys * ys * cc) / determinant


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(map(mul, first, second), 0.0)
