"""Draws what an evaluation found: the confusion matrix, and risk over coverage.

Needs matplotlib, which only the training environment has: import this module when drawing.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.training.measure import calling
from calmloop.training.measure.evaluate import Candidate

_MIN_CALLS = 20
"""An error rate of fewer calls than this is noise and is not drawn."""


def draw_confusion(counts: npt.NDArray[np.int64], title: str, path: Path) -> None:
    """Counts (7, 7), rows labels and columns answers, as a PNG; shares are of each label."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45)
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set(xlabel="prediction", ylabel="truth", title=title)
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
    figure.savefig(path, dpi=120)


def draw_risk_coverage(
    logits: npt.NDArray[np.float32],
    truth: npt.NDArray[np.int64],
    candidate: Candidate,
    path: Path,
) -> None:
    """Share of wrong calls over the share of faces called, of all groups and of positive alone.

    A point shows where the candidate's limits put positive.
    """
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    for only in (None, Label.POSITIVE):
        coverage, risk = calling.risk_coverage(logits, truth, candidate.temperature, only)
        name = "every group" if only is None else f"{only.value} alone"
        drawn = slice(_MIN_CALLS - 1, None)
        axes.plot(100 * coverage[drawn], 100 * risk[drawn], label=name)
    if candidate.limits is not None:
        found = calling.operate(logits, truth, candidate.temperature, candidate.limits)
        called = found.positive_called / len(truth)
        axes.plot(100 * called, 100 * found.positive_wrong, "o", label="positive, at its limit")
    axes.axhline(5, color="black", linewidth=0.8, linestyle=":", label="5 %")
    axes.set(xlabel="faces called, % of all", ylabel="of these wrong, %", title=candidate.name)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
