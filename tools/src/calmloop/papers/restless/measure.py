"""How often each method is right, what is taken for what, and what a window costs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from calmloop.papers.restless.courses import STATES
from calmloop.papers.restless.features import Examples
from calmloop.simulate.intervals import Measured, mean, share
from calmloop.training.data.faces import IntArray

AT_ONCE = 256
TIMED = 100
"""Windows, one at a time, of which the median is told."""


@dataclass(frozen=True)
class RestlessScore:
    """Of sequences, which are independent of one another.

    Attributes:
        right: Share, with Wilson's interval.
        more: Share by which it is right more often than another method on the same sequences.
        confusion: Sequences of each state (row) called each state (column).
        cpu_ms: Of the network for one window, median; None of a rule.
    """

    right: Measured
    more: Measured
    confusion: list[list[int]]
    cpu_ms: float | None


def measure(
    said: IntArray, examples: Examples, beside: IntArray, cpu_ms: float | None
) -> RestlessScore:
    """What a method said of each sequence, and what it is compared with said."""
    right, other = said == examples.state, beside == examples.state
    confusion = np.zeros((len(STATES), len(STATES)), int)
    np.add.at(confusion, (examples.state, said), 1)
    more = mean((right.astype(float) - other).tolist())
    return RestlessScore(share(int(right.sum()), len(right)), more, confusion.tolist(), cpu_ms)


def inputs_of(examples: Examples) -> list[Any]:
    """What `TwoStreams` takes."""
    given = (examples.movement, examples.pictures, examples.acceleration)
    return [torch.from_numpy(one) for one in given]


def likelihoods(network: torch.nn.Module, examples: Examples) -> Any:
    """Of each state for each sequence, (N, states), by a network in evaluation."""
    inputs, said = inputs_of(examples), []
    with torch.no_grad():
        for rows in torch.arange(len(examples.state)).split(AT_ONCE):
            said.append(network(*(one[rows] for one in inputs))[0].softmax(dim=1))
    return torch.cat(said).numpy()


def cpu_ms(network: torch.nn.Module, examples: Examples) -> float:
    """Of the network alone for one window, median; what makes its input is not in it."""
    inputs, took = inputs_of(examples), []
    with torch.no_grad():
        for row in range(TIMED):
            one = [each[row % len(each)][None] for each in inputs]
            began_ns = time.process_time_ns()
            network(*one)
            took.append((time.process_time_ns() - began_ns) / 1e6)
    return float(np.median(took))


def table(scores: Mapping[str, RestlessScore]) -> str:
    """A row a method, as Markdown."""
    lines = [
        "| | right | more than by movement alone, points | CPU time of a window |",
        "| --- | --- | --- | --- |",
    ]
    for name, score in scores.items():
        right, more = score.right, score.more
        cost = "" if score.cpu_ms is None else f"{score.cpu_ms:.1f} ms"
        cells = (
            name,
            f"{100 * right.value:.1f} % ({100 * right.low:.1f}–{100 * right.high:.1f})",
            f"{100 * more.value:+.1f} ({100 * more.low:+.1f} to {100 * more.high:+.1f})",
            cost,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def confusion_table(score: RestlessScore) -> str:
    """What of each state is called what, in percent, as Markdown."""
    lines = [
        f"| is \\ is called | {' | '.join(STATES)} |",
        f"| --- {'| --- ' * len(STATES)}|",
    ]
    for state, counts in zip(STATES, score.confusion, strict=True):
        shares = [f"{100 * count / max(1, sum(counts)):.0f} %" for count in counts]
        lines.append(f"| {state} | {' | '.join(shares)} |")
    return "\n".join(lines)
