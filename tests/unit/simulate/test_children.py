"""What simulated children do, and what is seen of them."""

import random
from collections import Counter

import pytest

from calmloop.contract.messages.face import NoFaceReason
from calmloop.simulate.answers import load
from calmloop.simulate.camera import Camera
from calmloop.simulate.children import Behaviour, Child, ChildMood, Kind, Spell
from calmloop.simulate.population import LIMIT_PCT, Population, draw_child
from calmloop.simulate.signals import RELIABILITY, Senses, Signal
from calmloop.simulate.streams import Stream
from calmloop.simulate.truth import NOTHING, UNLIMITED, FacePresence, Felt, Truth

STEP_S = 0.2
CALM = Truth(0.05, 0.3, 0.1, FacePresence.IN_VIEW, "neutral")
CRYING = Truth(0.9, 0.9, -0.9, FacePresence.IN_VIEW, "sad", crying=True)


def lives(child: Child, seconds: float, felt: Felt = NOTHING, seed: int = 1) -> list[Truth]:
    """What is true of a child while the chair does the same all along."""
    behaviour = Behaviour(child, seed)
    times = range(1, round(seconds / STEP_S) + 1)
    return [behaviour.step(n * STEP_S, STEP_S, felt) for n in times]


def test_a_calm_child_is_calm_whatever_the_chair_does() -> None:
    truths = lives(Child(), 600.0, Felt(60.0, 60.0, 60.0, 60.0))
    assert max(truth.distress for truth in truths) < 0.1
    faces = Counter(truth.expression for truth in truths)
    assert faces["neutral"] / len(truths) == pytest.approx(0.94, abs=0.04)


def test_it_looks_away_about_once_a_minute_for_seconds() -> None:
    truths = lives(Child(), 3600.0)
    away = sum(truth.presence is FacePresence.AWAY for truth in truths) / len(truths)
    assert away == pytest.approx(2.5 / 60.0, rel=0.3)


def test_a_limited_child_is_upset_above_its_limit_and_recovers_below_it() -> None:
    behaviour = Behaviour(Child(upsetting=UNLIMITED._replace(intensity_pct=LIMIT_PCT)), 1)

    def after(seconds: float, intensity_pct: float) -> Truth:
        felt = Felt(intensity_pct=intensity_pct)
        return [behaviour.step(0.0, STEP_S, felt) for _ in range(round(seconds / STEP_S))][-1]

    assert not after(60.0, LIMIT_PCT).over_limit
    assert not after(0.8, LIMIT_PCT + 3.0).over_limit
    assert after(4.0, LIMIT_PCT + 3.0).over_limit
    assert after(2.8, LIMIT_PCT - 7.0).over_limit
    assert not after(15.2, LIMIT_PCT - 7.0).over_limit


def test_a_channel_is_felt_less_after_a_while() -> None:
    limited = Child(upsetting=UNLIMITED._replace(vibration_pct=20.0))
    truths = lives(limited, 900.0, Felt(vibration_pct=22.0))
    assert any(truth.over_limit for truth in truths[:300])
    assert not any(truth.over_limit for truth in truths[-300:])


def test_what_comes_over_a_child_comes_at_its_time() -> None:
    child = Child(script=(Spell(ChildMood.CRYING, 10.0),))
    truths = lives(child, 20.0)
    assert child.cries_from_s == child.onset_s == 10.0
    assert not any(truth.crying for truth in truths[:49])
    assert all(truth.crying and truth.distress == 0.9 for truth in truths[49:])


def test_liking_shows_as_smiles() -> None:
    fond = Child(likes=Felt(1.0, 1.0))
    liked = Counter(truth.expression for truth in lives(fond, 600.0, Felt(30.0, 30.0)))
    alone = Counter(truth.expression for truth in lives(fond, 600.0))
    assert liked["happy"] > 5 * alone["happy"]


@pytest.mark.parametrize("kind", Kind)
def test_a_population_is_the_same_for_the_same_seed(kind: Kind) -> None:
    population = Population({kind: 1.0})
    children = population.draw(5, 3)
    assert children == population.draw(8, 3)[:5] != population.draw(5, 4)
    assert {child.kind for child in children} == {kind}
    assert lives(children[0], 120.0) == lives(children[0], 120.0)


def test_a_population_has_its_kinds_in_proportion() -> None:
    drawn = Population({Kind.CRIER: 0.8, Kind.HIDDEN_CRIER: 0.2}).draw(1000, 1)
    assert sum(child.kind is Kind.CRIER for child in drawn) / 1000 == pytest.approx(0.8, abs=0.04)


def seen_reasons(presence: FacePresence) -> Counter[NoFaceReason | None]:
    camera = Camera(Child(), load(), Stream.FOUR_2S, 1)
    truth = CALM._replace(presence=presence)
    return Counter(camera.look(truth, n * STEP_S).reason for n in range(3000))


def test_a_face_that_is_not_there_is_not_read() -> None:
    assert set(seen_reasons(FacePresence.IN_VIEW)) == {None}
    assert set(seen_reasons(FacePresence.AWAY)) == {NoFaceReason.NOT_FRONTAL}
    assert set(seen_reasons(FacePresence.ABSENT)) == {NoFaceReason.NO_FACE}


def test_hands_over_a_face_are_now_and_then_taken_for_one() -> None:
    covered = seen_reasons(FacePresence.COVERED)
    assert covered[None] / covered.total() == pytest.approx(0.3, abs=0.06)


def test_the_one_who_takes_the_childs_place_has_another_face() -> None:
    child = draw_child(Kind.REPLACED, random.Random(1))
    camera = Camera(child, load(), Stream.ONE, 1)
    own = camera.look(CALM, 1.0)
    assert camera.look(CALM._replace(presence=FacePresence.REPLACED), 2.0) != own
    assert camera.look(CALM, 3.0) == own


def readings(signal: Signal, truth: Truth, seconds: float = 3000.0) -> list[float]:
    """What is read of many children for whom the same is true all along."""
    values = []
    for seed in range(10):
        senses = Senses(Child(seed=seed), frozenset({signal}), 1)
        for n in range(round(seconds / 10 / STEP_S)):
            reading = senses.read(truth, n * STEP_S).get(signal)
            values += [reading.value] if reading is not None and reading.present else []
    return values


@pytest.mark.parametrize("signal", [Signal.MOVEMENT, Signal.HEART, Signal.VOICE])
def test_a_signal_tells_as_well_as_its_table_says(signal: Signal) -> None:
    how = RELIABILITY[signal]
    middle = (how.rest + how.raised) / 2
    for truth, expected in ((CALM, how.false), (CRYING, how.hit)):
        values = readings(signal, truth)
        raised = sum(value > middle for value in values) / len(values)
        assert raised == pytest.approx(expected, abs=0.12)


def test_a_signal_comes_late() -> None:
    senses = Senses(Child(), frozenset({Signal.HEART}), 1)
    for n in range(100):
        senses.read(CALM, n * STEP_S)
    shown_s = next(
        n * STEP_S
        for n in range(100, 500)
        if any(one.value > 110.0 for one in senses.read(CRYING, n * STEP_S).values())
    )
    assert shown_s >= 20.0 + RELIABILITY[Signal.HEART].delay_s


def test_no_signal_is_read_that_is_not_asked_for() -> None:
    assert Senses(Child(), frozenset(), 1).read(CRYING, 1.0) == {}
