"""Plots of a session as SVG: legible in grey, in print, and without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from calmloop.report.coverage import CHANNELS, level_pct, stands_for_s
from calmloop.report.drawing import (
    FILL,
    GRID,
    INK,
    SOFT,
    few_ticks,
    has,
    is_known,
    minute_of,
    name_row,
    put_legend,
    rows_figure,
    series_of,
    top_of,
)
from calmloop.report.language import Speaker
from calmloop.report.libraries import library
from calmloop.report.records import RecordedSession, Row
from calmloop.report.typeface import styled, svg_bytes

SEEN = ("read", "doubt", "absent")
LOOKS = {"read": (INK, 1.0), "doubt": ("#8a97a1", 0.5), "absent": ("#ffffff", 1.0)}
"""Colour and height: told apart in grey print, too."""
MAX_FILLED = 300
"""Points of a filled area, which nothing simplifies as it does a line."""
SENSED = (("heart_bpm", "plot.heart"), ("movement", "plot.movement"), ("voice_db", "plot.voice"))


@dataclass(frozen=True)
class Mark:
    """A change of the intensity, by its number in the table."""

    number: int
    minute: float


@styled
def felt(session: RecordedSession, marks: Sequence[Mark], speaker: Speaker) -> bytes:
    """The intensity that was wanted, and the three channels as the chair applied them."""
    rows = ["level", *CHANNELS]
    figure, axes = rows_figure(len(rows))
    series = {name: series_of(session, partial(_level, name)) for name in rows}
    channels_top = top_of(series[channel] for channel in CHANNELS)
    for axis, name in zip(axes, rows, strict=True):
        minutes, values = series[name]
        top = top_of([series[name]]) if name == "level" else channels_top
        step = 1 + len(values) // MAX_FILLED
        axis.fill_between(minutes[::step], values[::step], color=FILL, linewidth=0)
        axis.plot(minutes, values, color=INK, linewidth=1.1)
        axis.set_ylim(0, top * 1.08)
        axis.set_yticks([0, top], [speaker.percent(0), speaker.percent(top / 100)])
        name_row(axis, speaker.text(f"plot.{name}"), is_known(values), speaker)
    _number(axes[0], marks, session.length_s / 60)
    return _drawn(figure, axes, session, speaker)


@styled
def seen(session: RecordedSession, speaker: Speaker) -> bytes:
    """The face with its certainty and coverage, and what speaks of distress."""
    figure, axes = rows_figure(4, heights=[1.25, 0.75, 0.45, 0.9])
    _valence(axes[0], session, speaker)
    _certainty(axes[1], session, speaker)
    _strip(axes[2], session, speaker)
    _distress(axes[3], session, speaker)
    return _drawn(figure, axes, session, speaker)


@styled
def sensed(session: RecordedSession, speaker: Speaker) -> bytes:
    """What else was sensed of the child; only what was, `is_sensed` of the session."""
    known = [(key, name) for key, name in SENSED if has(session, key)]
    figure, axes = rows_figure(len(known))
    for axis, (key, name) in zip(axes, known, strict=True):
        minutes, values = series_of(session, partial(_value, key))
        axis.plot(minutes, values, color=INK, linewidth=1.0)
        axis.margins(y=0.15)
        axis.yaxis.set_major_locator(few_ticks())
        axis.yaxis.set_major_formatter(lambda value, _: speaker.number(value, 1))
        name_row(axis, speaker.text(name), True, speaker)
    return _drawn(figure, axes, session, speaker)


def is_sensed(session: RecordedSession) -> bool:
    """Whether anything but the face was."""
    return any(has(session, key) for key, _ in SENSED)


def _valence(axis: Any, session: RecordedSession, speaker: Speaker) -> None:
    minutes, values = series_of(session, lambda s: s.get("valence"))
    axis.axhline(0, color=GRID, linewidth=0.8)
    axis.plot(minutes, values, color=INK, linewidth=1.1)
    axis.set_ylim(-1.1, 1.1)
    words = [speaker.text(f"plot.valence.{where}") for where in ("low", "middle", "high")]
    axis.set_yticks([-1, 0, 1], words)
    name_row(axis, speaker.text("plot.face"), is_known(values), speaker)


def _certainty(axis: Any, session: RecordedSession, speaker: Speaker) -> None:
    minutes, values = series_of(
        session, lambda s: s.get("confidence") if s.get("coverage") else None
    )
    axis.plot(minutes, values, color=INK, linewidth=1.0)
    axis.set_ylim(0, 1.08)
    axis.set_yticks([0, 1], [speaker.percent(0), speaker.percent(1)])
    name_row(axis, speaker.text("plot.certainty"), is_known(values), speaker)


def _confidence(sample: Row) -> Any:
    return sample.get("confidence") if sample.get("coverage") else None


def _strip(axis: Any, session: RecordedSession, speaker: Speaker) -> None:
    longest_min = stands_for_s(session.samples) / 60
    for state, (colour, height) in LOOKS.items():
        spans = [span for one, span in _spans(session, longest_min) if one == state]
        axis.broken_barh(spans, (0, height), facecolor=colour, edgecolor=SOFT, linewidth=0.3)
    for side in ("top", "right"):
        axis.spines[side].set_visible(True)
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    name_row(axis, speaker.text("plot.coverage"), bool(session.samples), speaker)
    patch = library("matplotlib.patches").Patch
    keys = [patch(facecolor=LOOKS[state][0], edgecolor=SOFT, linewidth=0.5) for state in SEEN]
    words = [speaker.text(f"seen.{state}") for state in SEEN]
    put_legend(axis, keys, words, 2.05)


def _spans(session: RecordedSession, longest_min: float) -> list[tuple[str, tuple[float, float]]]:
    """Each stretch of time in which it was seen the same way: how, from when, how long."""
    spans: list[tuple[str, tuple[float, float]]] = []
    for sample in session.samples:
        minute, state = minute_of(session, sample), _state(sample)
        if spans:
            last, (start, length) = spans[-1]
            gap = minute - start - length
            reaches = min(minute - start, length + longest_min) if gap > 0 else length
            spans[-1] = (last, (start, reaches))
            if last == state and gap <= longest_min:
                continue
        spans.append((state, (minute, 0.5 / 60)))
    return spans


def _state(sample: Row) -> str:
    share = sample.get("coverage")
    if share is None:
        return "absent"
    return "read" if share >= 0.5 else "doubt"


def _distress(axis: Any, session: RecordedSession, speaker: Speaker) -> None:
    for key, style in (("distress_fast", "-"), ("distress_slow", (0, (4, 2)))):
        minutes, values = series_of(session, partial(_value, key))
        axis.plot(minutes, values, color=INK, linewidth=1.0, linestyle=style)
    axis.axhline(1, color=SOFT, linewidth=0.7, linestyle=":")
    highest = max((s.get("distress_fast") or 0.0 for s in session.samples), default=0.0)
    axis.set_ylim(0, max(1.3, min(highest * 1.1, 4)))
    axis.set_yticks([0, 1], [speaker.percent(0), speaker.percent(1)])
    words = [speaker.text(name) for name in ("plot.fast", "plot.slow")]
    put_legend(axis, axis.get_lines()[:2], words, 1.52)
    name_row(axis, speaker.text("plot.distress"), has(session, "distress_fast"), speaker)


def _value(key: str, sample: Row) -> Any:
    return sample.get(key)


def _level(name: str, sample: Row) -> float | None:
    return sample.get("level_pct") if name == "level" else level_pct(sample, name)


def _number(axis: Any, marks: Sequence[Mark], minutes: float) -> None:
    """Numbers of the changes between title and row; one too close to the last is left out."""
    axis.set_title(axis.get_title(loc="left"), loc="left", pad=11, fontsize=7.5,
                   fontweight="semibold", color=INK)  # fmt: skip
    last = float("-inf")
    for mark in marks:
        axis.axvline(mark.minute, color=SOFT, linewidth=0.6, linestyle=":")
        if mark.minute - last >= 0.02 * minutes:
            axis.text(mark.minute, 1.06, str(mark.number), fontsize=6.5, color=SOFT, ha="center",
                      va="bottom", transform=axis.get_xaxis_transform())  # fmt: skip
            last = mark.minute


def _drawn(figure: Any, axes: Sequence[Any], session: RecordedSession, speaker: Speaker) -> bytes:
    axes[-1].set_xlim(0, max(session.length_s / 60, 0.5))
    axes[-1].set_xlabel(speaker.text("plot.minutes"), fontsize=7.5, color=SOFT)
    axes[-1].xaxis.set_major_formatter(lambda value, _: speaker.number(value, 1))
    return svg_bytes(figure)
