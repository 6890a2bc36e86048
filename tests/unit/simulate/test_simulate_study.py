"""Whole sessions of the engines: the same for the same seed, on any workers."""

import random
from datetime import UTC, datetime
from math import isfinite

import pytest

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector import Trial
from calmloop.simulate import answers, learning, metrics
from calmloop.simulate.children import Child, ChildMood, Kind, Spell
from calmloop.simulate.engines import EngineFactory
from calmloop.simulate.experiments import chosen
from calmloop.simulate.learning import Always, Structure
from calmloop.simulate.paper import Paper
from calmloop.simulate.parallel import Here, workers
from calmloop.simulate.population import Population
from calmloop.simulate.processes import Processes
from calmloop.simulate.product import Product, ProductLearner
from calmloop.simulate.runner import run_sessions
from calmloop.simulate.session import Conditions, EventKind, Trace, run_session
from calmloop.simulate.signals import Signal
from calmloop.simulate.streams import Stream
from calmloop.simulate.study import StudyPlan, run

PRODUCT, PAPER = Product(), Paper()
NOT_BEGUN = ""
"""Id of the session of an engine that has not begun one."""
CRIES = Child(script=(Spell(ChildMood.CRYING, 20.0),), glances_a_minute=0.0)


def one(child: Child, factory: EngineFactory, **conditions: object) -> Trace:
    how = Conditions(stream=Stream.NEW_EACH_FRAME, **conditions)  # type: ignore[arg-type]
    return run_session(child, factory, how, answers.load(), 1)


def same(one: Trace, other: Trace) -> bool:
    levels = one.intensity.tolist() == other.intensity.tolist()
    return (
        levels and one.events == other.events and one.distress.tolist() == other.distress.tolist()
    )


def test_the_product_runs_a_whole_session_of_a_calm_child() -> None:
    trace = one(Child(), PRODUCT, minutes=1.0)
    kinds = [event.kind for event in trace.events]
    assert kinds[0] is EventKind.STARTED
    assert kinds[-1] is EventKind.ENDED
    assert trace.was_in(Phase.BASELINE, 10.0)
    assert trace.was_in(Phase.RUNNING, 45.0)
    assert 0.0 < trace.level_at(10.0) < trace.level_at(40.0) == 20.0
    assert trace.lasted_s == pytest.approx(64.0, abs=1.0)
    assert trace.reward is not None


def test_the_record_of_earlier_sessions_counts_in_the_next() -> None:
    new = PRODUCT(1, 5.0)
    new.record.add(trial("before", "ocean-waves", 0.5))
    again = PRODUCT(2, 5.0, new.record)
    assert again.record.sessions_with("ocean-waves") == 1
    assert again.reward() is None
    own = trial("x", "night-sky", 0.75).model_copy(update={"session_id": NOT_BEGUN})
    again.record.add(own)
    assert again.reward() == 0.75
    assert new.record.sessions_with("night-sky") == 0


def trial(session_id: str, scenario: str, calm: float) -> Trial:
    return Trial(
        session_id=session_id,
        ended=datetime(2026, 1, 1, tzinfo=UTC),
        scenario=scenario,
        features=(0.0,) * 6,
        arrival=0.0,
        calm=calm,
    )


@pytest.mark.parametrize("factory", [PRODUCT, PAPER])
def test_crying_is_answered(factory: EngineFactory) -> None:
    trace = one(CRIES, factory, minutes=2.0)
    assert metrics.first_fall_s(trace, 20.0) is not None
    assert metrics.halt_s(trace, 20.0) < 60.0
    assert not metrics.false_halt(trace)
    assert trace.reward == 0.0


def test_a_pause_is_resumed_by_a_caregiver_who_is_there() -> None:
    away = Child(script=(Spell(ChildMood.GONE, 35.0, 70.0),), glances_a_minute=0.0)
    trace = one(away, PRODUCT, minutes=2.0, answers_after_s=20.0)
    paused_s = trace.at(EventKind.PAUSED)
    assert paused_s is not None
    assert trace.was_in(Phase.PAUSED, paused_s + 19.0)
    assert trace.was_in(Phase.RUNNING, paused_s + 21.0)
    left = one(away, PRODUCT, minutes=2.0, answers_after_s=None)
    assert left.was_in(Phase.PAUSED, paused_s + 60.0)


@pytest.mark.parametrize("factory", [PRODUCT, PAPER])
def test_the_same_seed_gives_the_same_traces(factory: EngineFactory) -> None:
    children = Population({Kind.CALM: 1.0, Kind.CRIER: 1.0}).draw(3, 5)
    how = Conditions(minutes=2.0)
    first = run_sessions(factory, children, how, seed=5)
    again = run_sessions(factory, children, how, seed=5)
    other = run_sessions(factory, children, how, seed=6)
    assert all(same(a, b) for a, b in zip(first, again, strict=True))
    assert not all(same(a, b) for a, b in zip(first, other, strict=True))


def test_processes_give_what_one_process_gives() -> None:
    children = Population({Kind.CALM: 1.0}).draw(6, 2)
    how, told = Conditions(minutes=2.0), list[int]()
    crew = Processes(2)
    try:
        spread = run_sessions(PAPER, children, how, seed=2, workers=crew, told=told.append)
    finally:
        crew.close()
    here = run_sessions(PAPER, children, how, seed=2, workers=Here())
    assert sum(told) == 6
    assert all(same(a, b) for a, b in zip(spread, here, strict=True))


def test_a_study_is_the_same_for_the_same_seed_and_can_be_kept() -> None:
    plan = StudyPlan(PAPER, (Stream.FOUR_2S,), children=2, seed=3)
    first, again = run(plan, Here()).as_json(), run(plan, Here()).as_json()
    assert first | {"speed": 0} == again | {"speed": 0}
    assert first["answers"]["model"].startswith("calm ")
    assert len(first["figures"]) > 20
    values = [row["value"] for row in first["figures"]]
    assert all(value is None or isfinite(value) for value in values)


def test_only_what_an_engine_can_hear_makes_an_experiment_of_its_own() -> None:
    deaf = [experiment.name for experiment in chosen(frozenset())]
    all_ears = [experiment.name for experiment in chosen(frozenset(Signal))]
    assert [name for name in deaf if "crying" in name] == ["crying, face alone"]
    assert len([name for name in all_ears if "crying" in name]) == 3


def test_ray_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calmloop.simulate.parallel.find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match="no package ray here"):
        workers(ray=True)


FEATURES = {"soft": (10.0, 10.0, 30.0), "loud": (20.0, 60.0, 30.0), "deep": (70.0, 10.0, 20.0)}


@pytest.mark.parametrize("structure", Structure)
def test_the_best_scenario_has_no_regret(structure: Structure) -> None:
    worth = learning.expected_rewards(FEATURES, structure, random.Random(1))
    assert all(0.05 <= value <= 0.95 for value in worth.values())
    regrets = learning.run(lambda _seed: Always("soft"), FEATURES, structure, 50, 1)
    assert regrets.shape == (50, learning.SESSIONS)
    assert (regrets[:, -1] == 0.0).any()
    assert regrets[:, -1] == pytest.approx(30 * regrets[:, 0])


def test_the_product_learns() -> None:
    features = PRODUCT.features()
    assert len(features) == 7
    learned = learning.run(ProductLearner, features, Structure.NONE, 60, 1)[:, -1].mean()
    gentlest = PRODUCT.gentlest()
    same_always = learning.run(lambda _seed: Always(gentlest), features, Structure.NONE, 60, 1)
    assert learned < same_always[:, -1].mean()
