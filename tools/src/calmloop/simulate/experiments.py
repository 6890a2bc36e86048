"""The experiments: which children, for how long, and which figures come of their sessions.

`today` is what the engine of version 0.1 was found to do, `bound` what an engine should keep.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

from calmloop.simulate import intervals, metrics
from calmloop.simulate.children import Kind
from calmloop.simulate.figures import Figure
from calmloop.simulate.population import Population
from calmloop.simulate.session import Conditions, Trace
from calmloop.simulate.signals import Signal
from calmloop.simulate.streams import Stream

WITHIN_S = 60.0
"""A crying child who is not noticed within this time counts as missed."""
ARRIVAL_WITHIN_S = 60.0
HELD_PCT, HELD_AFTER_S = 15.0, 600.0
NO_SIGNALS: frozenset[Signal] = frozenset()
BODY = frozenset({Signal.MOVEMENT, Signal.HEART, Signal.IDENTITY, Signal.EYES})
ALL = BODY | {Signal.VOICE}


@dataclass(frozen=True)
class Experiment:
    """Children, conditions, figures.

    Attributes:
        name: As it is printed.
        population: Who sits in the chair.
        minutes: Planned length of a session.
        signals: Those that are there.
        figures: From the traces of all of them.
        share: Of the children asked for, as many take part.
        heading: Of the table that its figures stand in; its own when empty.
    """

    name: str
    population: Population
    minutes: float
    signals: frozenset[Signal]
    figures: Callable[[Sequence[Trace]], list[Figure]]
    share: float = 1.0
    heading: str = ""

    def conditions(self, base: Conditions, stream: Stream) -> Conditions:
        """The run's conditions, with this experiment's own."""
        return replace(base, minutes=self.minutes, signals=self.signals, stream=stream)


def calm(traces: Sequence[Trace]) -> list[Figure]:
    """A calm child is left in peace, and the chair goes on."""
    count = len(traces)
    false = [float(metrics.false_halt(trace)) for trace in traces]
    hours = [trace.lasted_s / 3600.0 for trace in traces]
    early = sum(metrics.halted_in_baseline(trace) for trace in traces)
    held = sum(metrics.holds_level(trace, HELD_PCT, HELD_AFTER_S) for trace in traces)
    changes = [float(metrics.unannounced_changes(trace)) for trace in traces]
    rate = intervals.rate
    return [
        Figure(
            "false halts an hour, calm child", rate(false, hours), "/h", 0.5, today="1.2 to 6.1"
        ),
        Figure(
            "calm sessions that end in a halt", intervals.share(int(sum(false)), count), "%",
            today="58 % (four-2s)",
        ),
        Figure(
            "calm children halted in the baseline", intervals.share(early, count), "%", 0.01,
            today="10 to 19 %",
        ),
        Figure(
            "calm session at >= 15 % after 10 min", intervals.share(held, count), "%", 0.90,
            at_least=True, today="under half",
        ),
        Figure(
            "scenario changes unannounced, calm child", rate(changes, hours), "/h", 0.0,
            today="4.5 to 10",
        ),
    ]  # fmt: skip


def crying(halt_bounds: tuple[float, float, float] | None) -> Callable[..., list[Figure]]:
    """Figures of children who begin to cry; bounds of the halt: median, 90 %, share missed."""
    median_s, most_s, missed_share = halt_bounds or (None, None, None)

    def figures(traces: Sequence[Trace]) -> list[Figure]:
        on = [
            (trace, trace.child.cries_from_s)
            for trace in traces
            if metrics.ran_until(trace, trace.child.cries_from_s)
        ]
        falls = [fall for pair in on if (fall := metrics.first_fall_s(*pair)) is not None]
        halts = [metrics.halt_s(*pair) for pair in on]
        missed = sum(halt > WITHIN_S for halt in halts)
        raised = sum(metrics.raised_while_crying(*pair) for pair in on)
        return [
            Figure(
                "first step down, median", intervals.quantile(falls, 0.5), "s", 3.0, today="3 s"
            ),
            Figure(
                "first step down, 90 %", intervals.quantile(falls, 0.9), "s", 10.0, today="10 s"
            ),
            Figure("halt, median", intervals.quantile(halts, 0.5), "s", median_s, today="5 s"),
            Figure("halt, 90 %", intervals.quantile(halts, 0.9), "s", most_s, today="15 s"),
            Figure("missed in 60 s", intervals.share(missed, len(on)), "%", missed_share),
            Figure(
                "raised while crying", intervals.share(raised, len(on)), "%", 0.0,
                today="up to 9 steps",
            ),
        ]  # fmt: skip

    return figures


def arrival(traces: Sequence[Trace]) -> list[Figure]:
    """A child who arrives distressed is asked about, or the level is lowered."""
    answers = [metrics.answered_s(trace) for trace in traces]
    in_time = sum(answer <= ARRIVAL_WITHIN_S for answer in answers)
    rewards = [trace.reward for trace in traces if trace.reward is not None]
    return [
        Figure(
            "arrival at -0.7: asked or lowered in 60 s", intervals.share(in_time, len(traces)), "%",
            1.0, at_least=True, today="never",
        ),
        Figure("arrival at -0.7: when, median", intervals.quantile(answers, 0.5), "s", 60.0),
        Figure("arrival at -0.7: reward", intervals.mean(rewards), "", 0.3, today="1.0"),
    ]  # fmt: skip


def limited(traces: Sequence[Trace]) -> list[Figure]:
    """A child who bears no more than 27 % is seldom brought above it."""
    episodes = [float(metrics.upset_episodes(trace)) for trace in traces]
    minutes = [trace.lasted_s / 900.0 for trace in traces]
    changes = [float(metrics.unannounced_changes(trace)) for trace in traces]
    return [
        Figure(
            "upset episodes a session of 15 min", intervals.mean(episodes), "", 4.0,
            today="6 to 12",
        ),
        Figure("upset episodes in 15 min of chair", intervals.rate(episodes, minutes), "", 4.0),
        Figure(
            "scenario changes unannounced, limited child",
            intervals.rate(changes, [trace.lasted_s / 3600.0 for trace in traces]),
            "/h", 0.0,
        ),
    ]  # fmt: skip


def faint_smile(traces: Sequence[Trace]) -> list[Figure]:
    """A faint smile is a face, and no reason to pause."""
    onsets = [(trace, trace.child.onset_s) for trace in traces]
    times = [metrics.pause_s(*pair) for pair in onsets if metrics.ran_until(*pair)]
    paused = sum(time < inf for time in times)
    return [
        Figure("paused by a faint smile", intervals.share(paused, len(times)), "%", 0.0),
        Figure("paused by a faint smile, when", intervals.quantile(times, 0.5), "s", today="25 s"),
    ]


def of_kind(kind: Kind) -> Callable[[Sequence[Trace]], list[Figure]]:
    """What becomes of children of one kind."""

    def figures(traces: Sequence[Trace]) -> list[Figure]:
        count = len(traces)
        shares = {
            "halted": sum(trace.halted_s is not None for trace in traces),
            "paused": sum(metrics.pause_s(trace, 0.0) < inf for trace in traces),
        }
        if any(trace.child.script for trace in traces):
            shares["raised after onset"] = sum(map(_rises_after_onset, traces))
        if kind in ASKED_ABOUT:
            asked = (metrics.asked_after(trace, trace.child.onset_s) for trace in traces)
            shares["asked about after onset"] = sum(asked)
        if kind is Kind.SLEEPER:
            shares["faded out asleep"] = sum(map(metrics.faded_asleep, traces))
        return [
            Figure(f"{kind.value}: {what}", intervals.share(hits, count), "%")
            for what, hits in shares.items()
        ]

    return figures


def _rises_after_onset(trace: Trace) -> bool:
    if not trace.child.script:
        return False
    return metrics.rises(trace, trace.child.onset_s + metrics.GRACE_S) > 0


ASKED_ABOUT = frozenset({Kind.SLEEPER, Kind.REPLACED})
"""Of whom a question is due once the script has begun."""
CRIERS = Population({Kind.CRIER: 0.8, Kind.HIDDEN_CRIER: 0.2})
OTHERS = (
    Kind.SAD_AT_REST,
    Kind.SMILER,
    Kind.MASKED,
    Kind.SLEEPER,
    Kind.LAUGHER,
    Kind.LEAVER,
    Kind.REPLACED,
    Kind.PREFERS,
)
MINUTES = {Kind.SLEEPER: 10.0}
"""Of a session; 5 where it is not named. Who falls asleep is asked about after three, at best."""


def _only(kind: Kind) -> Population:
    return Population({kind: 1.0})


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment("calm", _only(Kind.CALM), 15.0, ALL, calm),
    Experiment("crying, face alone", CRIERS, 4.0, NO_SIGNALS, crying(None)),
    Experiment("crying, with movement and heart", CRIERS, 4.0, BODY, crying((15.0, 50.0, 0.09))),
    Experiment("crying, with voice too", CRIERS, 4.0, ALL, crying((15.0, 50.0, 0.04))),
    Experiment("arrives upset", _only(Kind.ARRIVES_UPSET), 3.0, BODY, arrival),
    Experiment("comfort-limited", _only(Kind.LIMITED), 15.0, BODY, limited),
    Experiment("faint smile", _only(Kind.FAINT_SMILE), 3.0, BODY, faint_smile),
    *(
        Experiment(
            kind.value,
            _only(kind),
            MINUTES.get(kind, 5.0),
            BODY,
            of_kind(kind),
            0.25,
            "other children",
        )
        for kind in OTHERS
    ),
)


def chosen(accepts: frozenset[Signal]) -> list[Experiment]:
    """The experiments that tell something apart for an engine with these inputs."""
    told: list[Experiment] = []
    for experiment in EXPERIMENTS:
        heard = experiment.signals & accepts
        twin = any(
            each.population == experiment.population and each.signals & accepts == heard
            for each in told
        )
        if not twin:
            told.append(experiment)
    return told
