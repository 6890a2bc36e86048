"""What all plots are drawn with: rows of one figure, legible in grey and in print."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from calmloop.report.coverage import stands_for_s
from calmloop.report.language import Speaker
from calmloop.report.libraries import library
from calmloop.report.records import RecordedSession, Row

INK, SOFT, FILL, GRID = "#1d2b36", "#5b6b77", "#b9cad6", "#d9dfe3"
WIDTH_IN = 6.9
"""Of the page between its margins: 174 mm less a little."""
ROW_IN = 0.5
TOP_OF = (10, 20, 30, 40, 50, 60, 80, 100)
Series = tuple[list[float], list[float]]
"""Minutes and values; what is not known is no number."""


def rows_figure(rows: int, heights: Sequence[float] | None = None) -> tuple[Any, list[Any]]:
    """A figure of so many rows with one axis of time, and each row."""
    shares = list(heights or [1.0] * rows)
    figure = library("matplotlib.figure").Figure(
        figsize=(WIDTH_IN, ROW_IN * sum(shares) + 0.16 * rows + 0.2)
    )
    axes = figure.subplots(
        rows, 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": shares}
    )
    return figure, [axis for (axis,) in axes]


def series_of(session: RecordedSession, value: Callable[[Row], Any]) -> Series:
    """Minutes and values; a gap where nothing was recorded or known, never a zero."""
    longest_min = stands_for_s(session.samples) / 60
    minutes: list[float] = []
    values: list[float] = []
    for sample in session.samples:
        minute, known = minute_of(session, sample), value(sample)
        if minutes and minute - minutes[-1] > longest_min:
            minutes.append(minutes[-1] + longest_min)
            values.append(float("nan"))
        minutes.append(minute)
        values.append(float("nan") if known is None else float(known))
    return minutes, values


def minute_of(session: RecordedSession, row: Row) -> float:
    """Since its start."""
    return float(row["at_ms"] - session.began_ms) / 60_000


def has(session: RecordedSession, key: str) -> bool:
    """Whether any sample knows it."""
    return any(sample.get(key) is not None for sample in session.samples)


def is_known(values: Iterable[float]) -> bool:
    """Whether any of them is a number."""
    return not all(map(math.isnan, values))


def top_of(series: Iterable[Series]) -> int:
    """The first round number that none of them exceeds."""
    highest = max((v for _, values in series for v in values if not math.isnan(v)), default=0.0)
    return next((bound for bound in TOP_OF if bound >= highest), TOP_OF[-1])


def name_row(axis: Any, name: str, known: bool, speaker: Speaker) -> None:
    """The row's title at its left, above; and in words where there is nothing to draw."""
    axis.set_title(name, loc="left", fontsize=7.5, fontweight="semibold", color=INK, pad=3)
    if not known:
        axis.text(
            0.5, 0.5, speaker.text("plot.none"), transform=axis.transAxes, ha="center", va="center",
            fontsize=8, style="italic", color=SOFT,
        )  # fmt: skip


def put_legend(axis: Any, keys: Sequence[Any], words: Sequence[str], height: float) -> None:
    """What each sign is, at the right of the row's title."""
    axis.legend(
        keys, words, loc="upper right", bbox_to_anchor=(1, height), ncols=len(keys), frameon=False,
        borderpad=0, handlelength=2.0, handleheight=0.8, columnspacing=1.6, fontsize=7,
        labelcolor=SOFT,
    )  # fmt: skip


def few_ticks() -> Any:
    """Two or three, at round numbers."""
    return library("matplotlib.ticker").MaxNLocator(2)
