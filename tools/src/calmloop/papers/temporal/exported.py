"""What an exported file says and costs, beside what the chair has without it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calmloop.emotion_classifier import TEMPORAL_FEATURES, TemporalTflite
from calmloop.papers.temporal.compose import ComposedStream
from calmloop.papers.temporal.costs import WindowCost, window_cost
from calmloop.papers.temporal.features import AnsweredFaces
from calmloop.papers.temporal.measure import TemporalScore, measure_said
from calmloop.papers.temporal.methods import (
    SERVICE,
    Method,
    file_method,
    methods_of,
    over_time_methods,
)
from calmloop.papers.temporal.train import TemporalRecipe


@dataclass(frozen=True)
class MeasuredFile:
    """Of one file: bytes, what a window costs, and how it does alone."""

    size: int
    cost: WindowCost
    score: TemporalScore


def measured_file(
    path: Path,
    network: TemporalTflite,
    recipe: TemporalRecipe,
    test: AnsweredFaces,
    streams: Sequence[ComposedStream],
) -> MeasuredFile:
    """A file that is open as `network`, on windows and on streams of unseen faces."""
    answers = np.zeros((network.frames, len(TEMPORAL_FEATURES) - 1), np.float32)
    ago_s = np.linspace(recipe.window_s, 0, network.frames, dtype=np.float32)
    cost = window_cost(lambda: network.logits(answers, ago_s))
    return MeasuredFile(
        path.stat().st_size, cost, _score(streams, file_method(recipe, network, test))
    )


def _score(streams: Sequence[ComposedStream], method: Method) -> TemporalScore:
    return measure_said(streams, [method(stream) for stream in streams])


def compared_scores(
    alone: TemporalScore,
    network: TemporalTflite,
    test: AnsweredFaces,
    streams: Sequence[ComposedStream],
) -> dict[str, TemporalScore]:
    """The written file beside what the chair has without it."""
    compared = {name: _score(streams, method) for name, method in methods_of(test.logits).items()}
    compared["the file, likeliest"] = alone
    for name, method in over_time_methods(test.logits, network).items():
        compared[name] = _score(streams, method)
    return compared


def file_metrics(
    measured: MeasuredFile, compared: dict[str, TemporalScore], streams: Sequence[ComposedStream]
) -> dict[str, Any]:
    """For its card."""
    return {
        "test_streams": len(streams),
        "file": asdict(measured.score),
        "service": asdict(compared[SERVICE]),
        "bytes": measured.size,
        "cpu_ms": round(measured.cost.cpu_ms, 3),
    }


def costs_table(rows: dict[str, MeasuredFile]) -> str:
    """A row a file, as Markdown."""
    lines = [
        "| | size | CPU time of a window | energy of a window | frames right |",
        "| --- " * 5 + "|",
    ]
    for name, row in rows.items():
        energy, right = row.cost.energy_mj, row.score.accuracy
        cells = (
            name,
            f"{row.size / 1000:.1f} kB",
            f"{row.cost.cpu_ms:.3f} ms",
            "no counter" if energy is None else f"{energy:.2f} mJ",
            f"{100 * right.value:.1f} % ({100 * right.low:.1f}–{100 * right.high:.1f})",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
