"""Each figure on traces written by hand, whose answer is known."""

from math import inf, isnan

import numpy as np
import pytest

from calmloop.contract.messages.session import Phase
from calmloop.simulate import intervals, metrics
from calmloop.simulate.children import Child
from calmloop.simulate.experiments import calm
from calmloop.simulate.session import PHASES, EventKind, Trace, TraceEvent

STEP_S = 1.0


def trace(
    levels: list[float],
    *events: TraceEvent,
    phases: list[Phase] | None = None,
    upset_from: int | None = None,
    over: list[int] | None = None,
) -> Trace:
    """One level a second, started at 0 s, calm unless it says from when the child is upset."""
    count = len(levels)
    distress = np.zeros(count, np.float32)
    if upset_from is not None:
        distress[upset_from:] = 0.9
    return Trace(
        child=Child(),
        step_s=STEP_S,
        events=[TraceEvent(0.0, EventKind.STARTED), *events],
        intensity=np.array(levels, np.float32),
        phase=np.array([PHASES.index(p) for p in phases or [Phase.RUNNING] * count], np.uint8),
        distress=distress,
        over_limit=np.array(over or [0] * count, np.uint8),
    )


def halted(at_s: float) -> TraceEvent:
    return TraceEvent(at_s, EventKind.HALTED)


def test_a_halt_of_a_calm_child_is_false_and_of_a_crying_one_not() -> None:
    levels = [20.0] * 60
    assert metrics.false_halt(trace(levels, halted(30.0)))
    assert not metrics.false_halt(trace(levels, halted(30.0), upset_from=20))
    assert not metrics.false_halt(trace(levels))


def test_a_halt_before_it_ran_is_one_in_the_baseline() -> None:
    base, run = Phase.BASELINE, Phase.RUNNING
    levels = [20.0] * 60
    assert metrics.halted_in_baseline(trace(levels, halted(50.0), phases=[base] * 60))
    phases = [base] * 10 + [run] * 50
    assert metrics.halted_in_baseline(trace(levels, halted(25.0), phases=phases))
    assert not metrics.halted_in_baseline(trace(levels, halted(45.0), phases=phases))
    assert not metrics.halted_in_baseline(trace(levels))


def test_the_first_fall_counts_from_the_onset() -> None:
    fell = trace([20.0] * 10 + [20.0] * 3 + [10.0] * 20)
    assert metrics.first_fall_s(fell, 10.0) == 4.0
    assert metrics.first_fall_s(trace([20.0] * 33), 10.0) == inf
    assert metrics.first_fall_s(trace([0.0] * 33), 10.0) is None


def test_a_fall_after_a_rise_counts_and_the_soft_end_by_plan_does_not() -> None:
    rose = trace([20.0] * 10 + [25.0] * 5 + [23.0] * 5)
    assert metrics.first_fall_s(rose, 10.0) == 6.0
    closing = [Phase.RUNNING] * 20 + [Phase.CLOSING] * 5
    assert metrics.first_fall_s(trace([20.0] * 20 + [0.0] * 5, phases=closing), 10.0) == inf


def test_a_halt_is_a_fall_too() -> None:
    phases = [Phase.RUNNING] * 14 + [Phase.CLOSING] * 6
    stopped = trace([20.0] * 14 + [0.0] * 6, halted(15.0), phases=phases, upset_from=10)
    assert metrics.first_fall_s(stopped, 10.0) == metrics.halt_s(stopped, 10.0) == 5.0
    assert metrics.ran_until(stopped, 10.0)
    assert not metrics.ran_until(stopped, 15.0)


def test_a_rise_counts_while_the_child_is_upset_alone() -> None:
    levels = [20.0] * 20 + [25.0] * 20
    assert metrics.raised_while_crying(trace(levels, upset_from=15), 15.0)
    assert not metrics.raised_while_crying(trace(levels, upset_from=30), 30.0)
    at_once = [20.0] * 15 + [25.0] * 20
    assert not metrics.raised_while_crying(trace(at_once, upset_from=15), 15.0)


def test_a_slow_rise_counts_as_well() -> None:
    creeping = [20.0] * 20 + [20.0 + 0.6 * n for n in range(20)]
    assert metrics.rises(trace(creeping), 20.0) == 19


def test_asking_or_lowering_answers_an_arrival() -> None:
    flat = [20.0] * 100
    assert metrics.answered_s(trace(flat)) == inf
    assert metrics.answered_s(trace(flat, TraceEvent(12.0, EventKind.ASKED))) == 12.0
    assert metrics.answered_s(trace([20.0] * 29 + [10.0] * 71)) == 30.0
    assert metrics.answered_s(trace(flat, halted(7.0))) == 7.0


def test_episodes_are_counted_by_their_beginnings() -> None:
    assert metrics.upset_episodes(trace([20.0] * 8, over=[0, 1, 1, 0, 0, 1, 0, 1])) == 3
    assert metrics.upset_episodes(trace([20.0] * 3, over=[1, 1, 0])) == 1


def test_a_change_that_was_announced_is_none() -> None:
    changed = TraceEvent(10.0, EventKind.SCENARIO)
    told = TraceEvent(20.0, EventKind.SCENARIO, "announced")
    assert metrics.unannounced_changes(trace([20.0] * 30, changed, told, changed)) == 2


def test_a_pause_counts_from_the_onset() -> None:
    paused = trace(
        [20.0] * 60, TraceEvent(5.0, EventKind.PAUSED), TraceEvent(45.0, EventKind.PAUSED)
    )
    assert metrics.pause_s(paused, 20.0) == 25.0
    assert metrics.pause_s(trace([20.0] * 60), 20.0) == inf


def test_a_session_that_was_halted_holds_no_level() -> None:
    assert metrics.holds_level(trace([20.0] * 700), 15.0, 600.0)
    assert not metrics.holds_level(trace([20.0] * 500, halted(500.0)), 15.0, 600.0)
    assert not metrics.holds_level(trace([10.0] * 700), 15.0, 600.0)


def test_calm_figures_are_of_all_sessions() -> None:
    hour = [20.0] * 3600
    figures = {f.name: f for f in calm([trace(hour), trace(hour, halted(1800.0))])}
    rate = figures["false halts an hour, calm child"]
    assert rate.measured.value == pytest.approx(1 / 1.5)
    assert rate.holds is False
    assert figures["calm sessions that end in a halt"].measured.value == 0.5


def test_wilsons_interval_is_as_published() -> None:
    few = intervals.share(1, 10)
    assert (few.low, few.high) == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert intervals.share(0, 200).high == pytest.approx(0.0188, abs=1e-4)
    assert isnan(intervals.share(0, 0).value)


def test_a_median_with_its_interval_bears_what_never_came() -> None:
    known = intervals.quantile([1.0, 2.0, 3.0, inf, inf], 0.5)
    assert known.value == 3.0
    assert known.low <= 3.0
    assert known.high == inf
    assert intervals.quantile([1.0, 2.0, 3.0, inf], 0.9).value == inf
    assert intervals.quantile([], 0.5).of == 0


def test_of_nothing_seen_a_rate_has_an_upper_limit_all_the_same() -> None:
    none = intervals.rate([0.0, 0.0], [5.0, 5.0])
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.369, abs=0.001)
    some = intervals.rate([1.0, 0.0, 2.0], [1.0, 1.0, 2.0])
    assert some.value == 0.75
    assert some.low <= 0.75 <= some.high
