"""What the signals together say of distress, against what is usual for this child."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmloop.scenario_selector.distress.fusion import Fusion
from calmloop.scenario_selector.distress.norms import MAX_WEIGHT_S, Norm
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.distress.sums import FAST, SLOW

TURN_S = 0.1
SIGNALS = list(Cue)
CALM = {signal: MODELS[signal].prior.mean for signal in SIGNALS}
MOST = Norm(mean=MODELS[Cue.FACE].max_usual, spread=0.1, weight_s=30.0)
"""Of the face: as much as is ever usual."""
UPSET = {signal: MODELS[signal].distress for signal in SIGNALS}


def run(fusion: Fusion, values: dict[Cue, float], seconds: float, begin_s: float = 0.0) -> float:
    """Feeds the same values for a while; returns the time at the end."""
    now_s = begin_s
    for _ in range(round(seconds / TURN_S)):
        now_s += TURN_S
        for signal, value in values.items():
            fusion.receive(signal, value, now_s)
        fusion.turn(now_s, TURN_S)
    return now_s


def time_until_over(fusion: Fusion, values: dict[Cue, float], *, fast: bool) -> float:
    now_s = 0.0
    while now_s < 120.0:
        now_s = run(fusion, values, TURN_S, now_s)
        if (fusion.fast if fast else fusion.slow).is_over:
            return now_s
    return math.inf


def test_calm_signals_say_nothing_for_distress() -> None:
    fusion = Fusion()
    run(fusion, CALM, 600.0)
    assert fusion.slow.value == fusion.fast.value == 0.0
    assert fusion.speaking == ()


@pytest.mark.parametrize("signal", SIGNALS)
def test_each_signal_in_distress_speaks_for_it(signal: Cue) -> None:
    fusion = Fusion()
    run(fusion, CALM | {signal: UPSET[signal]}, 1.0)
    assert fusion.speaking == (signal,)


def test_a_crying_face_steps_down_at_once_and_halts_later() -> None:
    upset = {Cue.FACE: 0.9}
    assert time_until_over(Fusion(), upset, fast=True) <= 3.0
    assert 5.0 <= time_until_over(Fusion(), upset, fast=False) <= 15.0


def test_with_movement_and_heart_it_halts_sooner() -> None:
    face = {Cue.FACE: UPSET[Cue.FACE]}
    rest = {signal: UPSET[signal] for signal in (Cue.MOVEMENT, Cue.HEART)}
    alone = time_until_over(Fusion(), face, fast=False)
    assert time_until_over(Fusion(), face | rest, fast=False) < 0.8 * alone


def test_voice_alone_never_halts() -> None:
    assert time_until_over(Fusion(), CALM | {Cue.VOICE: 20.0}, fast=False) == math.inf


def test_a_missing_signal_adds_nothing_and_is_named() -> None:
    fusion = Fusion()
    now_s = run(fusion, {Cue.FACE: 0.3, Cue.HEART: 90.0}, 1.0)
    now_s = run(fusion, {Cue.FACE: 0.3}, 10.0, now_s)
    assert Cue.HEART not in fusion.said
    assert fusion.missing == {Cue.HEART}
    fusion.dismiss(Cue.HEART)
    assert not fusion.missing
    run(fusion, {Cue.HEART: 90.0}, 1.0, now_s)
    assert not fusion.missing


def test_a_sad_resting_face_is_usual_for_who_has_it() -> None:
    resting = {Cue.FACE: 0.8}
    assert time_until_over(Fusion(), resting, fast=False) < 60.0
    known = Fusion({Cue.FACE: Norm(mean=0.5, spread=0.15, weight_s=600.0)})
    assert time_until_over(known, resting, fast=False) == math.inf


def test_calm_is_learned_and_a_norm_forgets_slowly() -> None:
    fusion = Fusion()
    for _ in range(3000):
        run(fusion, {Cue.HEART: 70.0}, TURN_S)
        fusion.learn_calm(TURN_S)
    norm = fusion.norms[Cue.HEART]
    assert norm.mean == pytest.approx(70.0, abs=1.0)
    assert norm.weight_s == pytest.approx(310.0)
    for _ in range(100):
        norm = norm.seeing(80.0, 60.0)
    assert norm.weight_s == MAX_WEIGHT_S
    assert norm.mean == pytest.approx(80.0, abs=1.0)


def test_a_norm_has_the_mean_and_spread_of_what_was_seen() -> None:
    norm = Norm(mean=3.0, spread=0.0, weight_s=1.0)
    for value in (5.0, 10.0):
        norm = norm.seeing(value, 1.0)
    assert norm.mean == pytest.approx(6.0)
    assert norm.spread == pytest.approx(math.sqrt(26.0 / 3.0))


@given(
    values=st.lists(
        st.tuples(st.sampled_from(SIGNALS), st.floats(allow_nan=True, allow_infinity=True)),
        max_size=60,
    )
)
def test_no_value_breaks_a_sum(values: list[tuple[Cue, float]]) -> None:
    fusion = Fusion()
    for turn, (signal, value) in enumerate(values):
        fusion.receive(signal, value, turn * TURN_S)
        fusion.turn(turn * TURN_S, TURN_S)
        if turn % 3 == 0:
            fusion.learn_calm(TURN_S)
    assert 0.0 <= fusion.fast.value <= FAST.highest
    assert 0.0 <= fusion.slow.value <= SLOW.highest
    assert all(math.isfinite(norm.mean) for norm in fusion.norms.values())


def test_the_mean_of_garbage_is_bounded_by_what_a_signal_can_be() -> None:
    fusion = Fusion()
    fusion.receive(Cue.HEART, 1e300, 0.0)
    fusion.turn(0.0, TURN_S)
    fusion.learn_calm(TURN_S)
    assert fusion.norm(Cue.HEART).mean < 250.0


def rested(fusion: Fusion, loud: float, seconds: float = 30.0) -> Fusion:
    """One whose child's face has read as upset for this share of so long a rest."""
    for n in range(round(seconds / TURN_S)):
        now_s = n * TURN_S - seconds
        fusion.receive(Cue.FACE, 0.85 if n % 10 < 10 * loud else 0.2, now_s)
        fusion.turn(now_s, 0.0)
        fusion.note_rest(TURN_S)
    return fusion


def test_a_face_that_often_reads_as_upset_in_calm_has_to_say_more() -> None:
    upset = {Cue.FACE: 0.97}
    other = time_until_over(Fusion(), upset, fast=False)
    used_to = time_until_over(rested(Fusion(), loud=0.5), upset, fast=False)
    assert 1.3 * other <= used_to <= 3.0 * other


def test_a_face_that_is_quiet_in_calm_has_to_say_no_more_and_no_less() -> None:
    upset = {Cue.FACE: 0.9}
    used_to = time_until_over(rested(Fusion(), loud=0.0), upset, fast=False)
    assert used_to == time_until_over(Fusion(), upset, fast=False)


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 600)), max_size=20))
def test_whatever_it_did_at_rest_a_crying_face_is_heard(rest: list[tuple[float, float]]) -> None:
    fusion = Fusion()
    for value, seconds in rest:
        fusion.receive(Cue.FACE, value, 0.0)
        fusion.turn(0.0, 0.0)
        fusion.note_rest(seconds)
    fusion.clear()
    fusion.forget()
    assert time_until_over(fusion, {Cue.FACE: 0.95}, fast=False) <= 20.0


def test_who_may_have_been_upset_at_rest_is_allowed_for_nothing() -> None:
    fusion, now_s = rested(Fusion(), loud=1.0), 0.0
    while not fusion.slow.is_over:
        now_s += TURN_S
        fusion.receive(Cue.FACE, 0.9, now_s)
        fusion.turn(now_s, TURN_S, usual_rest=False)
    assert now_s == pytest.approx(time_until_over(Fusion(), {Cue.FACE: 0.9}, fast=False))


def test_a_face_that_lasts_below_its_rest_is_not_at_rest() -> None:
    fusion, now_s = Fusion({Cue.FACE: Norm(mean=0.1, spread=0.2, weight_s=30.0)}), 0.0
    found = []
    for value in (0.1, 0.5, 0.1):
        now_s = run(fusion, {Cue.FACE: value}, 30.0, now_s)
        assert fusion.fast.value == 0.0
        found.append(fusion.is_at_rest)
    assert found == [True, False, True]


def test_the_face_that_a_caregiver_calls_usual_is_allowed_for_in_both_sums() -> None:
    said, other = rested(Fusion({Cue.FACE: MOST}), loud=1.0), Fusion({Cue.FACE: MOST})
    said.confirm_face(-0.8)
    for fusion in (said, other):
        run(fusion, {Cue.FACE: 0.85}, 1.0)
    assert other.speaking
    assert not said.speaking


def test_crying_is_heard_behind_a_face_that_a_caregiver_calls_usual() -> None:
    said = rested(Fusion({Cue.FACE: MOST}), loud=1.0)
    said.confirm_face(-0.8)
    assert time_until_over(said, {Cue.FACE: 1.0}, fast=True) <= 5.0
