"""Draws where in its two seconds the network looks, after a change."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from calmloop.papers.temporal.compose import ComposedStream
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.train import attend
from calmloop.papers.temporal.windows import WINDOW_S, padded, windows_of
from calmloop.training.data.faces import FloatArray

BIN_S = 0.2
AFTER_S = 4.0


def attention_figure(
    network: AttendingLstm, streams: Sequence[ComposedStream], logits: FloatArray
) -> Figure:
    """Mean attention on what was seen when; left of the line lies what is no longer true."""
    grid = attention_around(network, streams, logits)
    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.subplots()
    extent = (-WINDOW_S, AFTER_S, 0.0, AFTER_S)
    shown = axes.imshow(grid, origin="lower", extent=extent, aspect="auto", cmap="Blues")
    axes.axvline(0, color="#c8651b", linewidth=1.2)
    axes.set(
        xlabel="when a frame was taken, s after the change",
        ylabel="end of the two seconds, s after the change",
        title="Attention over time, mean of all streams",
    )
    figure.colorbar(shown, ax=axes, label=f"share of a row's attention in {BIN_S:g} s")
    return figure


def attention_around(
    network: AttendingLstm, streams: Sequence[ComposedStream], logits: FloatArray
) -> FloatArray:
    """Rows by when a window ends, columns by when a frame was taken, both since the change.

    Each row sums to 1, or is empty where no window ends.
    """
    rows, columns = round(AFTER_S / BIN_S), round((WINDOW_S + AFTER_S) / BIN_S)
    grid, count = np.zeros((rows, columns)), np.zeros(rows)
    for stream in streams:
        since_s = stream.at_s - stream.change_s
        ends = np.flatnonzero((since_s >= 0) & (since_s < AFTER_S - 1e-3))
        windows = windows_of(stream, logits, ends.tolist())
        _, attention = attend(network, padded(windows))
        for end, weights, (values, _) in zip(ends, attention, windows, strict=True):
            row = int(since_s[end] / BIN_S)
            taken_s = since_s[end] - values[:, -1] + WINDOW_S
            at = np.clip((taken_s / BIN_S).astype(int), 0, columns - 1)
            np.add.at(grid[row], at, weights[: len(values)])
            count[row] += 1
    return np.asarray(grid / np.maximum(count, 1)[:, None], np.float32)
