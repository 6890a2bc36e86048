"""What traces amount to: each figure of one session, from its trace alone.

An onset is when the child begins to cry; a latency is from there, and infinite when what is
waited for never came.
"""

from math import inf

import numpy as np

from calmloop.contract.messages.session import Phase
from calmloop.simulate.session import PHASES, EventKind, Trace

LOWERED_PCT = 1.0
"""A fall of the intensity by less is none."""
RAISED_PCT = 0.5
GRACE_S = 1.0
"""From the onset: what rises within it answers the readings before, each of which stands 1 s."""
UPSET_FROM = 0.5
"""True distress from which a child counts as crying or upset."""
ENDING = (PHASES.index(Phase.CLOSING), PHASES.index(Phase.IDLE))
"""Phases in which a session by plan goes to zero anyway."""
SHORTEST_BASELINE_S = 30.0
ASLEEP = "asleep"
"""What an engine's reason says then."""
FELT_PCT = 2.0
"""A level below this has nothing to be lowered."""


def false_halt(trace: Trace) -> bool:
    """Halted while the child was not upset."""
    at_s = trace.halted_s
    return at_s is not None and _distress_at(trace, at_s) < UPSET_FROM


def halted_in_baseline(trace: Trace) -> bool:
    """Halted before it ran, or within 30 s of the start."""
    begun_s, at_s = trace.at(EventKind.STARTED), trace.halted_s
    if begun_s is None or at_s is None:
        return False
    before = trace.phase[: max(0, round(at_s / trace.step_s) - 1)]
    ran = bool((before == PHASES.index(Phase.RUNNING)).any())
    return not ran or at_s - begun_s <= SHORTEST_BASELINE_S


def first_fall_s(trace: Trace, onset_s: float) -> float | None:
    """Latency of the first fall, or of the halt; None when nothing was felt at the onset."""
    if trace.level_at(onset_s) < FELT_PCT:
        return None
    return min(_fall_after(trace, onset_s), halt_s(trace, onset_s))


def _fall_after(trace: Trace, from_s: float) -> float:
    """Latency of the first fall below what was felt since; the soft end by plan is none."""
    after = (trace.time_s > from_s) & ~np.isin(trace.phase, ENDING)
    before = trace.level_at(from_s)
    highest = np.maximum.accumulate(np.where(after, np.maximum(trace.intensity, before), before))
    fallen = np.flatnonzero(after & (trace.intensity <= highest - LOWERED_PCT))
    return float(trace.time_s[fallen[0]]) - from_s if fallen.size else inf


def halt_s(trace: Trace, onset_s: float) -> float:
    """Latency of the halt."""
    return inf if trace.halted_s is None else trace.halted_s - onset_s


def ran_until(trace: Trace, onset_s: float) -> bool:
    """Whether a session was still on at the onset, so that it could answer it."""
    halted_s, ended_s = trace.halted_s, trace.at(EventKind.ENDED)
    on = all(at_s is None or at_s > onset_s for at_s in (halted_s, ended_s))
    return on and trace.at(EventKind.STARTED) is not None


def raised_while_crying(trace: Trace, onset_s: float) -> bool:
    """Whether the intensity rose at any time in which the child was upset."""
    return rises(trace, onset_s + GRACE_S, while_upset=True) > 0


def rises(trace: Trace, from_s: float, *, while_upset: bool = False) -> int:
    """Steps in which the intensity rose, from a time on."""
    risen = np.diff(trace.intensity, prepend=trace.intensity[:1]) > RAISED_PCT * trace.step_s
    counts = risen & (trace.time_s > from_s)
    if while_upset:
        counts &= trace.distress >= UPSET_FROM
    return int(counts.sum())


def answered_s(trace: Trace) -> float:
    """Time from the start until the engine asked or lowered or halted; infinite if it never did."""
    begun_s = trace.at(EventKind.STARTED)
    if begun_s is None:
        return inf
    asked_s = trace.at(EventKind.ASKED)
    asked = inf if asked_s is None else asked_s - begun_s
    return min(asked, halt_s(trace, begun_s), _fall_after(trace, begun_s))


def asked_after(trace: Trace, onset_s: float) -> bool:
    """Whether the engine asked anything from a time on."""
    return any(e.kind is EventKind.ASKED and e.at_s >= onset_s for e in trace.events)


def faded_asleep(trace: Trace) -> bool:
    """Whether the session was ended for a child that was then asleep, and says so."""
    told = [e.detail for e in trace.events if e.kind is EventKind.ENDED]
    return any(ASLEEP in reason for reason in told)


def upset_episodes(trace: Trace) -> int:
    """How often the chair upset the child."""
    return int((np.diff(trace.over_limit.astype(int), prepend=0) > 0).sum())


def unannounced_changes(trace: Trace) -> int:
    """Changes of the scenario that nothing had announced."""
    return sum(e.kind is EventKind.SCENARIO and not e.detail for e in trace.events)


def pause_s(trace: Trace, onset_s: float) -> float:
    """Latency of the first pause."""
    times = (e.at_s - onset_s for e in trace.events if e.kind is EventKind.PAUSED)
    return next((time for time in times if time > 0.0), inf)


def holds_level(trace: Trace, level_pct: float, at_s: float) -> bool:
    """Whether the session is on and at least so strong, so long after its start."""
    begun_s = trace.at(EventKind.STARTED)
    return begun_s is not None and trace.level_at(begun_s + at_s) >= level_pct


def _distress_at(trace: Trace, at_s: float) -> float:
    step = min(len(trace.distress) - 1, max(0, round(at_s / trace.step_s) - 1))
    return float(trace.distress[step])
