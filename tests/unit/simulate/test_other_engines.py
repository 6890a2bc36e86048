"""An engine of one's own: what it is handed, and what the caregiver and the report make of it."""

from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from calmloop.contract.messages.session import Phase
from calmloop.simulate import answers, metrics, parallel
from calmloop.simulate.children import Child, ChildMood, Spell
from calmloop.simulate.engines import Observation, View
from calmloop.simulate.parallel import workers
from calmloop.simulate.session import Conditions, EventKind, Trace, run_session
from calmloop.simulate.signals import Signal

PLAYING = View(Phase.RUNNING, 20.0, scenario="first")
UPSET = Child(script=(Spell(ChildMood.CRYING, 5.0),))


@dataclass
class Listening:
    """Hears what it says that it accepts; asks about the child until it is answered."""

    accepts: frozenset[Signal] = frozenset()
    heard: Counter[Signal] = field(default_factory=Counter)
    missing: Counter[Signal] = field(default_factory=Counter)
    faces: int = 0
    told: list[tuple[bool, bool, bool]] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    asks_from_s: float = float("inf")
    plan: dict[float, View] = field(default_factory=dict)
    ended: bool = False
    now_s: float = 0.0
    view: View = PLAYING

    @property
    def name(self) -> str:
        return "listening"

    def __call__(self, seed: int, minutes: float, record: Any = None) -> "Listening":
        self.records.append(record)
        return self

    @property
    def record(self) -> int:
        return len(self.records)

    def step(self, seen: Observation, elapsed_s: float) -> View:
        self.now_s += elapsed_s
        self.faces += seen.face.answer is not None
        self.heard.update(seen.signals.keys())
        self.missing.update(name for name, one in seen.signals.items() if not one.present)
        asks = self.now_s >= self.asks_from_s and not self.told
        for at_s, view in self.plan.items():
            self.view = view if self.now_s >= at_s else self.view
        return self.view._replace(asking="usual, or upset?" if asks else "")

    def resume(self) -> None:
        pass

    def answer(self, *, upset: bool, is_child: bool, is_asleep: bool) -> None:
        self.told.append((upset, is_child, is_asleep))

    def reward(self) -> float | None:
        return None


def session(engine: Listening, child: Child = UPSET, **conditions: Any) -> Trace:
    how = Conditions(minutes=1.0, **conditions)
    return run_session(child, engine, how, answers.load(), 1)


def test_an_engine_is_handed_the_signals_that_it_accepts_and_no_others() -> None:
    deaf, all_ears = Listening(), Listening(accepts=frozenset(Signal))
    session(deaf)
    session(all_ears)
    assert not deaf.heard
    assert set(all_ears.heard) == set(Signal)
    assert all_ears.heard[Signal.HEART] == pytest.approx(150, abs=2)
    assert all_ears.heard[Signal.VOICE] == pytest.approx(250, abs=60)
    assert deaf.faces > 600


def test_an_engine_is_handed_what_the_session_before_left() -> None:
    engine = Listening()
    trace = session(engine, earlier=2)
    assert engine.records == [None, 1, 2]
    assert trace.child is UPSET


def test_a_signal_that_is_not_there_is_not_handed_over() -> None:
    engine = Listening(accepts=frozenset({Signal.HEART, Signal.VOICE}))
    session(engine, signals=frozenset({Signal.HEART}))
    assert set(engine.heard) == {Signal.HEART}


@pytest.mark.parametrize(
    ("child", "told"),
    [
        (UPSET, (True, True, False)),
        (Child(), (False, True, False)),
        (Child(script=(Spell(ChildMood.ASLEEP, 5.0),)), (False, True, True)),
        (Child(script=(Spell(ChildMood.REPLACED, 5.0),)), (False, False, False)),
    ],
)
def test_the_caregiver_answers_what_is_true_after_a_while(
    child: Child, told: tuple[bool, bool, bool]
) -> None:
    engine = Listening(asks_from_s=10.0)
    trace = session(engine, child, answers_after_s=20.0)
    assert trace.at(EventKind.ASKED) == pytest.approx(10.0, abs=0.3)
    assert engine.told == [told]
    assert metrics.answered_s(trace) == pytest.approx(10.0, abs=0.5)


def test_a_caregiver_who_never_answers_does_not() -> None:
    engine = Listening(asks_from_s=10.0)
    session(engine, answers_after_s=None)
    assert not engine.told


def test_a_change_counts_as_announced_if_it_was_named_before() -> None:
    plan = {
        0.0: PLAYING._replace(announced="second"),
        30.0: PLAYING._replace(scenario="second"),
        40.0: PLAYING,
    }
    trace = session(Listening(plan=plan))
    changes = [event for event in trace.events if event.kind is EventKind.SCENARIO]
    assert [event.detail for event in changes] == ["announced", ""]
    assert metrics.unannounced_changes(trace) == 1


def test_a_child_who_leaves_gives_no_signal() -> None:
    gone = Child(script=(Spell(ChildMood.GONE, 0.0),))
    engine = Listening(accepts=frozenset({Signal.HEART}))
    session(engine, gone)
    assert engine.missing == engine.heard != Counter()
    assert engine.faces == 0


def test_ray_does_what_one_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    ray = SimpleNamespace(
        init=lambda **options: asked.update(options),
        remote=lambda function: SimpleNamespace(remote=lambda task: (function, task)),
        get=lambda reference: reference[0](reference[1]),
        shutdown=lambda: asked.update(closed=True),
    )
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(parallel, "find_spec", lambda _name: object())
    monkeypatch.setattr(parallel, "import_module", lambda _name: ray)
    crew = workers(3, ray=True)
    assert list(crew.run(abs, [-1, 2, -3])) == [1, 2, 3]
    crew.close()
    assert asked["num_cpus"] == 3
    assert asked["closed"]
