"""A whole study of one engine: every experiment under each stream, its figures and its curves."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from calmloop.simulate import learning, metrics
from calmloop.simulate.answers import load
from calmloop.simulate.engines import StudiedEngine
from calmloop.simulate.experiments import Experiment, chosen
from calmloop.simulate.figures import Figure
from calmloop.simulate.learning import Always, Regrets, Structure
from calmloop.simulate.parallel import Workers
from calmloop.simulate.runner import run_sessions, size_of
from calmloop.simulate.session import Conditions, Trace
from calmloop.simulate.streams import Stream

CURVE_STEP_S = 5.0
LEARNING = "learning"
Curve = dict[str, list[float]]


@dataclass(frozen=True)
class StudyPlan:
    """What a study is to do.

    Attributes:
        engine: What is studied.
        streams: Each for itself.
        children: Of each experiment and stream.
        seed: Of the children, their sessions and the engine's rng.
        base: Caregiver, rate and reliabilities.
        answers: File of the network's answers; the shipped ones when None.
        only: Beginnings of the experiments' names; all of them when empty.
    """

    engine: StudiedEngine
    streams: tuple[Stream, ...] = tuple(Stream)
    children: int = 200
    seed: int = 1
    base: Conditions = field(default_factory=Conditions)
    answers: Path | None = None
    only: tuple[str, ...] = ()

    @property
    def experiments(self) -> list[Experiment]:
        """Those that are asked for and tell something of this engine."""
        told = chosen(self.engine.accepts)
        return [experiment for experiment in told if self._wants(experiment.name)]

    @property
    def learns(self) -> bool:
        """Whether learning is asked for."""
        return self.engine.learner is not None and self._wants(LEARNING)

    def _wants(self, name: str) -> bool:
        return not self.only or name.startswith(self.only)

    @property
    def sessions(self) -> int:
        """How many there are to run."""
        each = sum(size_of(experiment, self.children) for experiment in self.experiments)
        return each * len(self.streams)


@dataclass(frozen=True)
class Row:
    """A figure under one stream, or under none: learning needs no session.

    Attributes:
        experiment: Heading of the experiment that it is of.
    """

    experiment: str
    stream: Stream | None
    figure: Figure


@dataclass
class Study:
    """What was found.

    Attributes:
        plan: What was done.
        rows: The figures.
        curves: For plots, by experiment and stream.
        sessions, turns, seconds: How much it was, and how long it took.
    """

    plan: StudyPlan
    rows: list[Row] = field(default_factory=list)
    curves: dict[str, dict[str, Curve]] = field(default_factory=dict)
    sessions: int = 0
    turns: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON bears it: what never came, or is of nothing, is null."""
        plan = self.plan
        return {
            "engine": plan.engine.name,
            "seed": plan.seed,
            "children": plan.children,
            "rate_hz": plan.base.rate_hz,
            "caregiver_answers_after_s": plan.base.answers_after_s,
            "earlier_sessions": plan.base.earlier,
            "answers": load(plan.answers).provenance,
            "signals": {name.value: asdict(how) for name, how in plan.base.table.items()},
            "accepted_signals": sorted(name.value for name in plan.engine.accepts),
            "figures": [_row(row) for row in self.rows],
            "curves": self.curves,
            "speed": {
                "sessions": self.sessions,
                "turns": self.turns,
                "seconds": round(self.seconds, 3),
            },
        }


def run(plan: StudyPlan, workers: Workers, told: Callable[[int], None] | None = None) -> Study:
    """Runs all experiments of a plan.

    Args:
        plan: What to do.
        workers: Who does it.
        told: Is told how many sessions were just done.
    """
    study, begun_s = Study(plan), time.monotonic()
    for stream, experiment, traces in _sessions(plan, workers, told):
        study.sessions += len(traces)
        study.turns += sum(len(trace.intensity) for trace in traces)
        heading = experiment.heading or experiment.name
        study.rows += [Row(heading, stream, it) for it in experiment.figures(traces)]
        study.curves.setdefault(experiment.name, {})[stream.value] = _curve(experiment, traces)
    study.seconds = time.monotonic() - begun_s
    _learn(study)
    return study


def _sessions(
    plan: StudyPlan, workers: Workers, told: Callable[[int], None] | None
) -> Iterator[tuple[Stream, Experiment, list[Trace]]]:
    for stream in plan.streams:
        for experiment in plan.experiments:
            children = experiment.population.draw(
                size_of(experiment, plan.children), f"{plan.seed} {experiment.name}"
            )
            how = experiment.conditions(plan.base, stream)
            traces = run_sessions(
                plan.engine,
                children,
                how,
                seed=plan.seed,
                workers=workers,
                answers_file=plan.answers,
                told=told,
            )
            yield stream, experiment, traces


def _learn(study: Study) -> None:
    plan = study.plan
    make = plan.engine.learner
    if make is None or not plan.learns:
        return
    features = plan.engine.features()
    regrets: dict[Structure, Regrets] = {}
    gentlest = plan.engine.gentlest()
    for structure in Structure:
        arguments = (features, structure, plan.children, plan.seed)
        regrets[structure] = learning.run(make, *arguments)
        same = learning.run(lambda _seed: Always(gentlest), *arguments)
        study.curves.setdefault("regret", {})[structure.value] = {
            "learned": regrets[structure].mean(axis=0).tolist(),
            "gentlest": same.mean(axis=0).tolist(),
        }
    study.rows += [Row(LEARNING, None, figure) for figure in learning.figures(regrets)]


def _curve(experiment: Experiment, traces: Sequence[Trace]) -> Curve:
    """Quartiles of the level over time, and the latencies of those who begin to cry."""
    times = np.arange(0.0, experiment.minutes * 60.0 + 1.0, CURVE_STEP_S)
    levels = np.array([[trace.level_at(at_s) for at_s in times] for trace in traces])
    low, middle, high = np.quantile(levels, (0.25, 0.5, 0.75), axis=0)
    curve = {
        "time_s": times.tolist(),
        "level_25": low.tolist(),
        "level_50": middle.tolist(),
        "level_75": high.tolist(),
    }
    return curve | _halts(traces)


def _halts(traces: Sequence[Trace]) -> Curve:
    """Latencies of the halts, and how many sessions still ran when the child began to cry."""
    pairs = [(trace, trace.child.cries_from_s) for trace in traces]
    on = [pair for pair in pairs if isfinite(pair[1]) and metrics.ran_until(*pair)]
    halts = sorted(metrics.halt_s(*pair) for pair in on)
    known = [halt for halt in halts if isfinite(halt)]
    return {"halt_s": known, "crying": [float(len(on))]} if on else {}


def _row(row: Row) -> dict[str, Any]:
    figure, measured = row.figure, asdict(row.figure.measured)
    finite = {key: value if isfinite(value) else None for key, value in measured.items()}
    return {
        "experiment": row.experiment,
        "stream": row.stream.value if row.stream else None,
        "figure": figure.name,
        **finite,
        "unit": figure.unit,
        "bound": figure.bound,
        "at_least": figure.at_least,
        "holds": figure.holds,
        "today": figure.today,
    }
