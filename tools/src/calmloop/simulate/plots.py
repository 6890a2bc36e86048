"""The study as pictures."""

from collections.abc import Callable
from math import isfinite
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from calmloop.cli.outputs import whole_file
from calmloop.simulate.figures import Figure
from calmloop.simulate.streams import Stream
from calmloop.simulate.study import Study

GOOD, BAD, PLAIN = "#1a7f4b", "#c0392b", "#34495e"
COLOURS = ("#1b6ca8", "#e08e0b", "#6b9b37", "#b5407f", "#555555")
DPI = 110
SHOWN_S = 90.0
"""Latencies of halts are drawn up to here."""


def draw(study: Study, folder: Path) -> list[Path]:
    """Writes the pictures that the study has something for; returns their paths."""
    drawings: dict[str, Callable[[Study], Canvas | None]] = {
        "figures.png": draw_figures,
        "levels.png": draw_levels,
        "crying.png": draw_crying,
        "regret.png": draw_regret,
    }
    paths = []
    for name, make in drawings.items():
        canvas = make(study)
        if canvas is not None:
            paths.append(folder / name)
            with whole_file(paths[-1]) as file:
                canvas.savefig(file, dpi=DPI, format="png")
    return paths


def draw_figures(study: Study) -> Canvas | None:
    """Each bounded figure with its interval under each stream, and its bound."""
    found = _bounded(study)
    names = list(dict.fromkeys(key[:2] for key in found))
    if not names:
        return None
    columns = 3
    down = -(-len(names) // columns)
    canvas = Canvas(figsize=(4.6 * columns, 2.1 * down + 0.6), layout="constrained")
    cells = canvas.subplots(down, columns, squeeze=False).ravel()
    streams = study.plan.streams
    for axes, (experiment, name) in zip(cells, names, strict=False):
        _panel(axes, [found.get((experiment, name, stream)) for stream in streams])
        axes.set_yticks(range(len(streams)), [stream.value for stream in streams], fontsize=8)
        axes.set_title(f"{experiment}:\n{name}", fontsize=9, loc="left")
    for axes in cells[len(names) :]:
        axes.set_axis_off()
    canvas.suptitle(_title(study, "green keeps the dashed bound, red does not; 95 % intervals"))
    return canvas


def _bounded(study: Study) -> dict[tuple[str, str, Stream], Figure]:
    return {
        (row.experiment, row.figure.name, row.stream): row.figure
        for row in study.rows
        if row.figure.bound is not None and row.stream is not None
    }


def _panel(axes: Axes, figures: list[Figure | None]) -> None:
    scale = 1.0
    for place, figure in enumerate(figures):
        if figure is None or not figure.measured.of:
            continue
        it, scale = figure.measured, 100.0 if figure.unit == "%" else 1.0
        colour = GOOD if figure.holds else BAD
        if not isfinite(it.value):
            axes.text(0.5, place, "never", color=colour, va="center", fontsize=8)
            continue
        high = it.high if isfinite(it.high) else it.value
        axes.plot([it.low * scale, high * scale], [place, place], color=colour, linewidth=2)
        axes.plot(it.value * scale, place, "o", color=colour, markersize=5)
        axes.axvline((figure.bound or 0.0) * scale, color="black", linestyle="--", linewidth=0.8)
        axes.set_xlabel(figure.unit, fontsize=8)
    axes.set_ylim(len(figures) - 0.5, -0.5)
    axes.tick_params(labelsize=8)
    axes.grid(axis="x", alpha=0.3)
    left, right = axes.get_xlim()
    axes.set_xlim(min(0.0, left), max(right, 0.05 * scale))


def draw_levels(study: Study) -> Canvas | None:
    """The intensity over time: median and quartiles, by experiment and stream."""
    wanted = [name for name in ("calm", "comfort-limited") if name in study.curves]
    streams = [stream.value for stream in study.plan.streams]
    if not wanted:
        return None
    size = (3.2 * len(streams) + 0.6, 2.6 * len(wanted) + 0.6)
    canvas = Canvas(figsize=size, layout="constrained")
    grid = canvas.subplots(len(wanted), len(streams), squeeze=False, sharex=True, sharey=True)
    for line, name in zip(grid, wanted, strict=True):
        for axes, stream in zip(line, streams, strict=True):
            curve = study.curves[name][stream]
            minutes = np.array(curve["time_s"]) / 60.0
            quartiles = axes.fill_between(
                minutes, curve["level_25"], curve["level_75"], color=PLAIN, alpha=0.25
            )
            (middle,) = axes.plot(minutes, curve["level_50"], color=PLAIN)
            axes.set_title(f"{name}, {stream}", fontsize=9, loc="left")
            axes.grid(alpha=0.3)
            axes.set_xlabel("min", fontsize=8)
        line[0].set_ylabel("intensity, %", fontsize=8)
    grid[0][0].legend([middle, quartiles], ["median", "middle half"], fontsize=8)
    canvas.suptitle(_title(study, "level over a session; one that was halted counts as 0"))
    return canvas


def draw_crying(study: Study) -> Canvas | None:
    """Share of crying children that were halted, over the time since they began."""
    wanted = [name for name in study.curves if name.startswith("crying")]
    if not wanted:
        return None
    canvas = Canvas(figsize=(max(8.0, 5.4 * len(wanted)), 4.2), layout="constrained")
    for axes, name in zip(canvas.subplots(1, len(wanted), squeeze=False)[0], wanted, strict=True):
        for (stream, curve), colour in zip(study.curves[name].items(), COLOURS, strict=False):
            count = curve.get("crying", [0.0])[0]
            if not count:
                continue
            times = [0.0, *curve["halt_s"], max(SHOWN_S, *curve["halt_s"], 0.0)]
            shares = [100.0 * n / count for n in range(len(curve["halt_s"]) + 1)]
            axes.step(times, [*shares, shares[-1]], where="post", color=colour, label=stream)
        axes.axvline(60.0, color="black", linestyle="--", linewidth=0.8, label="60 s: missed")
        axes.set(xlim=(0, SHOWN_S), ylim=(0, 101), xlabel="s since the child began to cry")
        axes.set_ylabel("halted, % of the sessions then running")
        axes.set_title(name, fontsize=10, loc="left")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="lower right")
    canvas.suptitle(_title(study, "how soon crying ends a session"))
    return canvas


def draw_regret(study: Study) -> Canvas | None:
    """Cumulative regret over sessions, beside always playing the gentlest."""
    curves = study.curves.get("regret")
    if not curves:
        return None
    canvas = Canvas(figsize=(9.6, 3.8), layout="constrained")
    for axes, (name, curve) in zip(canvas.subplots(1, 2, sharey=True), curves.items(), strict=True):
        sessions = range(1, len(curve["learned"]) + 1)
        axes.plot(sessions, curve["learned"], color=COLOURS[0], label=study.plan.engine.name)
        axes.plot(
            sessions, curve["gentlest"], color=PLAIN, linestyle=":", label="always the gentlest"
        )
        for figure in (row.figure for row in study.rows if row.figure.name.endswith(name)):
            at = 10 if " 10 " in figure.name else len(curve["learned"])
            axes.plot(at, figure.bound, "v", color=BAD, label="bound" if at == 10 else None)
        axes.set(xlabel="session", title=name)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="upper left")
    canvas.axes[0].set_ylabel("regret, summed")
    canvas.suptitle(_title(study, "what the choice of scenarios costs"))
    return canvas


def _title(study: Study, what: str) -> str:
    plan = study.plan
    return f"engine {plan.engine.name}, {plan.children} children, seed {plan.seed}: {what}"
