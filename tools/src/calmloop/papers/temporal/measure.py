"""How often a method is right, how often it changes its mind, and how late it sees a change."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calmloop.papers.temporal.compose import NO_GROUP, ComposedStream
from calmloop.simulate.intervals import Measured, mean, quantile
from calmloop.training.data.faces import IntArray

FROM_S = 5.0
"""Frames before are not counted: no method has seen as much as it looks back on yet."""
STANDS_S = 1.0
"""A change is seen where the new group is said for so long without a break."""


@dataclass(frozen=True)
class TemporalScore:
    """Of many streams; intervals over streams, since frames of one go together.

    Attributes:
        accuracy: Of the frames those that are called right; saying nothing is wrong.
        unknown: Of the frames those of which nothing is said.
        changes: Of what is said, a minute; the truth changes once a stream.
        delay_s: Median time from a change until the new group is said and stands; infinite where
            it never is.
        missed: Of the changes those that are not seen before the stream ends.
    """

    accuracy: Measured
    unknown: Measured
    changes: Measured
    delay_s: Measured
    missed: Measured


def measure_said(streams: Sequence[ComposedStream], said: Sequence[IntArray]) -> TemporalScore:
    """What a method said of each frame of each stream, beside the truth."""
    accuracy, unknown, changes, delays = [], [], [], []
    for stream, labels in zip(streams, said, strict=True):
        counted = stream.at_s >= FROM_S
        accuracy.append(float((labels == stream.group)[counted].mean()))
        unknown.append(float((labels == NO_GROUP)[counted].mean()))
        minutes = float(stream.at_s[-1] - FROM_S) / 60
        changes.append(float((np.diff(labels[counted]) != 0).sum()) / minutes)
        delays.append(delay_s(stream, labels))
    return TemporalScore(
        mean(accuracy),
        mean(unknown),
        mean(changes),
        quantile(delays, 0.5),
        mean([float(math.isinf(one)) for one in delays]),
    )


def delay_s(stream: ComposedStream, said: IntArray) -> float:
    """From the change until the new group is said for STANDS_S; infinite if it never is."""
    new = int(stream.group[-1])
    since_s = math.inf
    for now_s, label in zip(stream.at_s.tolist(), said.tolist(), strict=True):
        if now_s < stream.change_s:
            continue
        since_s = min(since_s, now_s) if label == new else math.inf
        if now_s - since_s >= STANDS_S:
            return float(since_s - stream.change_s)
    return math.inf


def table(scores: Mapping[str, TemporalScore]) -> str:
    """A row a method, as Markdown."""
    lines = [
        "| | frames right | nothing said | changes a minute | delay, median | missed |",
        "| --- " * 6 + "|",
    ]
    for name, score in scores.items():
        cells = (
            name,
            _with_interval(score.accuracy, 100, " %"),
            f"{100 * score.unknown.value:.0f} %",
            _with_interval(score.changes, 1, ""),
            _with_interval(score.delay_s, 1, " s"),
            f"{100 * score.missed.value:.0f} %",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _with_interval(measured: Measured, factor: float, unit: str) -> str:
    low, value, high = (
        f"{factor * one:.1f}" if math.isfinite(one) else "never"
        for one in (measured.low, measured.value, measured.high)
    )
    return value if value == "never" else f"{value}{unit} ({low}–{high})"
