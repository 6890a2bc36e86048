"""Draws what an evaluation found: confusion, risk over coverage, reliability.

Needs matplotlib, which only the training environment has: import this module when drawing.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.training.augment.spoilings import NO_FACE, Spoiling
from calmloop.training.measure import metrics
from calmloop.training.measure.candidate import CandidateAnswers

_MIN_CALLS = 20
"""An error rate of fewer calls than this is noise and is not drawn."""

_EVERY, _POSITIVE, _PALE = "#1d4e79", "#c8651b", "#9aa7b1"
_COLUMNS = 4


def confusion(answers: CandidateAnswers) -> Figure:
    """Counts (7, 7), rows labels and columns answers; shares are of each label."""
    counts = metrics.confusion(answers.logits(), answers.faces.emotion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45)
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set(xlabel="prediction", ylabel="truth", title=answers.candidate.name)
    for (row, column), share in np.ndenumerate(shares):
        axes.text(
            column,
            row,
            f"{100 * share:.0f} %\n{counts[row, column]}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if share > 0.5 else "black",
        )
    return figure


def risk_coverage(answers: CandidateAnswers) -> Figure:
    """Share of wrong calls over the share of faces called, of all groups and of positive alone.

    Bands are intervals of 95 %; points show where the candidate's limits stand.
    """
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    _draw_risks(axes, answers, None)
    axes.set(
        xlabel="faces called, % of all", ylabel="of these wrong, %", title=answers.candidate.name
    )
    axes.legend()
    return figure


def spoiled_risks(answers: CandidateAnswers) -> Figure:
    """The same for each way of spoiling in which a face is left, beside the faces as they are."""
    ways = [way for way in Spoiling if way not in NO_FACE]
    rows = -(-len(ways) // _COLUMNS)
    figure = Figure(figsize=(2.9 * _COLUMNS, 2.5 * rows), layout="constrained")
    grid = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
    clean = answers.risk()
    for axes, way in zip(grid.flat, ways, strict=False):
        axes.plot(
            100 * clean.coverage[_MIN_CALLS - 1 :],
            100 * clean.risk[_MIN_CALLS - 1 :],
            color=_PALE,
            linewidth=1,
            linestyle="--",
            label="every group, not spoiled",
        )
        _draw_risks(axes, answers, way)
        axes.set_title(way.value, fontsize=9)
    for axes in grid.flat[len(ways) :]:
        axes.set_visible(False)
    figure.supxlabel("faces called, % of all")
    figure.supylabel("of these wrong, %")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return figure


def reliabilities(answers: CandidateAnswers, ways: Sequence[Spoiling | None]) -> Figure:
    """How often a group is right over its probability, for one to four ways; None is as they are.

    The dots' areas go by the faces in them, the lines are intervals of 95 %.
    """
    figure = Figure(figsize=(2.9 * len(ways), 3.3), layout="constrained")
    row = figure.subplots(1, len(ways), sharey=True, squeeze=False)[0]
    for axes, way in zip(row, ways, strict=True):
        found = answers.reliability(way)
        axes.plot([0, 1], [0, 1], color=_PALE, linewidth=1, linestyle="--")
        axes.vlines(found.confidence, found.low, found.high, color=_EVERY, linewidth=1)
        sizes = 6 + 300 * found.count / found.count.sum()
        axes.scatter(found.confidence, found.right, s=sizes, color=_EVERY, alpha=0.7)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        name = "as they are" if way is None else way.value
        axes.set_title(f"{name}: error {found.error:.3f}", fontsize=9)
        axes.grid(alpha=0.3)
    row[0].set_ylabel("share that is right")
    figure.supxlabel("probability of the group")
    return figure


def _draw_risks(axes: Axes, answers: CandidateAnswers, way: Spoiling | None) -> None:
    found = answers.operate(way)
    of_positive = found.positive_called / len(answers.faces)
    for name, colour, only, at in (
        ("every group", _EVERY, None, (found.coverage, found.wrong)),
        ("positive alone", _POSITIVE, Label.POSITIVE, (of_positive, found.positive_wrong)),
    ):
        curve, drawn = answers.risk(way, only), slice(_MIN_CALLS - 1, None)
        coverage = 100 * curve.coverage[drawn]
        axes.plot(coverage, 100 * curve.risk[drawn], color=colour, label=name)
        axes.fill_between(
            coverage,
            100 * curve.low[drawn],
            100 * curve.high[drawn],
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
        if answers.candidate.limits is not None and at[0] > 0:
            axes.plot(*(100 * share for share in at), "o", color=colour, markersize=5)
    axes.grid(alpha=0.3)
