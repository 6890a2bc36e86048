"""A child's sessions side by side, as a plot."""

from collections.abc import Sequence
from typing import Any

from calmloop.report.drawing import (
    FILL,
    INK,
    SOFT,
    few_ticks,
    name_row,
    put_legend,
    rows_figure,
)
from calmloop.report.language import Speaker
from calmloop.report.libraries import library
from calmloop.report.records import Row
from calmloop.report.typeface import styled, svg_bytes


@styled
def course(rows: Sequence[Row], speaker: Speaker) -> bytes:
    """A child's sessions side by side, in their order.

    Args:
        rows: Each with `label`, `before`, `after`, `minutes`, `max_pct` and `read`, None where it
            is not known.
        speaker: The language.
    """
    figure, axes = rows_figure(4, heights=[1.5, 0.9, 0.9, 0.9])
    places = list(range(1, len(rows) + 1))
    _ratings(axes[0], places, rows, speaker)
    for axis, key, top in zip(
        axes[1:], ("minutes", "max_pct", "read"), (None, 100, 100), strict=True
    ):
        known = [(place, row[key]) for place, row in zip(places, rows, strict=True)]
        known = [(place, value) for place, value in known if value is not None]
        axis.bar([p for p, _ in known], [v for _, v in known], width=0.5, color=FILL, edgecolor=INK,
                 linewidth=0.7)  # fmt: skip
        if top:
            axis.set_ylim(0, top)
            axis.set_yticks([0, top], [speaker.percent(0), speaker.percent(1)])
        else:
            axis.yaxis.set_major_locator(few_ticks())
            axis.yaxis.set_major_formatter(lambda value, _: speaker.number(value))
        name_row(axis, speaker.text(f"plot.course.{key}"), bool(known), speaker)
    step = max(1, -(-len(rows) // 12))
    axes[-1].set_xlim(0.4, max(len(rows), 4) + 0.6)
    axes[-1].set_xticks(places[::step], [row["label"] for row in rows[::step]])
    return svg_bytes(figure)


def _rating(axis: Any, place: int, before: int | None, after: int | None) -> None:
    if before is not None and after is not None:
        axis.plot([place - 0.12, place + 0.12], [before, after], color=SOFT, linewidth=1.2)
    if before is not None:
        axis.plot(place - 0.12, before, "o", ms=4.5, mfc="white", mec=INK, mew=1)
    if after is not None:
        axis.plot(place + 0.12, after, "o", ms=4.5, color=INK)


def _ratings(axis: Any, places: Sequence[int], rows: Sequence[Row], speaker: Speaker) -> None:
    for place, row in zip(places, rows, strict=True):
        _rating(axis, place, row["before"], row["after"])
    axis.set_ylim(0.5, 5.5)
    axis.set_yticks([1, 3, 5], [speaker.text(f"rating.{value}") for value in (1, 3, 5)])
    line = library("matplotlib.lines").Line2D
    keys = [
        line([], [], color="none", marker="o", ms=4.5, mfc=colour, mec=INK)
        for colour in ("white", INK)
    ]
    words = [speaker.text(f"rated.{when}") for when in ("before", "after")]
    put_legend(axis, keys, words, 1.3)
    rated = any(row[when] is not None for row in rows for when in ("before", "after"))
    name_row(axis, speaker.text("plot.course.rating"), rated, speaker)
