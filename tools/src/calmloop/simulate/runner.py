"""Runs many sessions of many children, and experiments of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from calmloop.simulate import answers
from calmloop.simulate.children import Child
from calmloop.simulate.engines import EngineFactory
from calmloop.simulate.experiments import Experiment
from calmloop.simulate.parallel import Here, Workers
from calmloop.simulate.session import Conditions, Trace, run_session

AT_A_TIME = 4
"""Sessions of one task: few enough for a progress bar and even work, more than it costs to ask."""
SEED_STRIDE = 1_000_003
Told = Callable[[int], None]
"""Is told how many sessions were just done."""


@dataclass(frozen=True)
class Chunk:
    """Some sessions, as a worker gets them."""

    children: tuple[Child, ...]
    factory: EngineFactory
    how: Conditions
    seeds: tuple[int, ...]
    answers: Path | None


def run_chunk(chunk: Chunk) -> list[Trace]:
    """The traces of some sessions; runs in the worker."""
    known = answers.load(chunk.answers)
    pairs = zip(chunk.children, chunk.seeds, strict=True)
    return [run_session(child, chunk.factory, chunk.how, known, seed) for child, seed in pairs]


def run_sessions(
    factory: EngineFactory,
    children: Sequence[Child],
    how: Conditions,
    *,
    seed: int = 0,
    workers: Workers | None = None,
    answers_file: Path | None = None,
    told: Told | None = None,
) -> list[Trace]:
    """One session of each child, in the children's order.

    Args:
        factory: Makes the engines; must be picklable.
        children: From a Population.
        how: Length, stream, caregiver, signals.
        seed: Of the sessions; the same seed gives the same traces on any workers.
        workers: Who does it; this process when None.
        answers_file: The network's answers; the shipped ones when None.
        told: Is told of each few sessions done.
    """
    chunks = []
    for first in range(0, len(children), AT_A_TIME):
        some = tuple(children[first : first + AT_A_TIME])
        seeds = tuple(seed * SEED_STRIDE + first + n for n in range(len(some)))
        chunks.append(Chunk(some, factory, how, seeds, answers_file))
    traces: list[Trace] = []
    for done in (workers or Here()).run(run_chunk, chunks):
        traces += done
        if told is not None:
            told(len(done))
    return traces


def size_of(experiment: Experiment, children: int) -> int:
    """How many children take part in an experiment."""
    return max(1, round(children * experiment.share))
