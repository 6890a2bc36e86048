"""What is learned of a child: beliefs, their prior, the choice that follows, and its words."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError

from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.learning.belief import (
    COMMON,
    NOISE,
    SHIPPED,
    Belief,
    design,
    sums_of,
)
from calmloop.scenario_selector.learning.choice import Choice, Chooser
from calmloop.scenario_selector.learning.features import NAMES, features_of, strength_of
from calmloop.scenario_selector.learning.gaussian import Gaussian
from calmloop.scenario_selector.learning.population import PopulationPrior, population_prior
from calmloop.scenario_selector.learning.trials import MAX_TRIALS, Learned, Trial
from calmloop.scenario_selector.learning.words import tastes
from calmloop.simulate.engines import STUDIED

LIBRARY = scenario.load()
NAMED = sorted(LIBRARY)
ALLOWED = [LIBRARY[name] for name in NAMED]
SEVEN = [LIBRARY[name] for name in STUDIED]
"""Those that the bounds of the regret are of: more to choose among cost more to learn."""
GENTLEST = min(ALLOWED, key=strength_of).name
FEATURES = {name: features_of(LIBRARY[name]) for name in NAMED}
ENDED = datetime(2026, 1, 1, tzinfo=UTC)


def trial(name: str, calm: float | None, number: int = 0, **more: object) -> Trial:
    given = {"arrival": 0.0, "features": FEATURES[name], **more}
    return Trial(session_id=f"s{number}", ended=ENDED, scenario=name, calm=calm, **given)


def belief_of(*trials: Trial) -> Belief:
    return Belief(SHIPPED, sums_of(learned(*trials), FEATURES), NAMED)


def learned(*trials: Trial, **more: object) -> Learned:
    return Learned(trials=list(trials), **more)


def chooser(known: Learned, seed: int = 0) -> Chooser:
    return Chooser(ALLOWED, known, random.Random(seed))


def choose(known: Learned, *, distressed: bool = False, seed: int = 0) -> Choice:
    return chooser(known, seed).choose(0.0, distressed=distressed)


def test_every_shipped_scenario_has_features_of_about_one() -> None:
    rows = np.array([features_of(one) for one in ALLOWED])
    assert rows.shape == (len(ALLOWED), len(NAMES))
    assert np.abs(rows).max() <= 1.5
    assert np.linalg.matrix_rank(rows - rows.mean(axis=0)) >= 5


def test_a_belief_is_the_posterior_of_the_regression() -> None:
    """Against the same written as one Gaussian over weights and rewards, conditioned."""
    trials = [trial(NAMED[at % 3], 0.1 + 0.2 * at, at) for at in range(4)]
    belief = belief_of(*trials)
    size = len(COMMON) + len(NAMED)
    rows = np.zeros((4, size))
    for at, one in enumerate(trials):
        rows[at, : len(COMMON)] = design(one.features, one.arrival)
        rows[at, len(COMMON) + belief.scenarios.index(one.scenario)] = 1.0
    covariance = np.diag([*SHIPPED.variance, *[0.15**2] * len(NAMED)])
    mean = np.array([*SHIPPED.mean, *[0.0] * len(NAMED)])
    noise = np.diag(NOISE**2 / 0.97 ** np.arange(3, -1, -1))
    gain = covariance @ rows.T @ np.linalg.inv(rows @ covariance @ rows.T + noise)
    rewards = np.array([one.reward for one in trials])
    expected = mean + gain @ (rewards - rows @ mean)
    deviations = np.sqrt(np.diag(covariance - gain @ rows @ covariance))
    np.testing.assert_allclose(belief.weights.mean, expected, atol=1e-9)
    found = [belief.weights.deviation(at) for at in range(size)]
    np.testing.assert_allclose(found, deviations, atol=1e-9)


def test_draws_have_the_beliefs_mean_and_the_spread_of_its_covariance() -> None:
    precision = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.5], [0.5, -0.5, 2.0]]
    known = Gaussian(precision, [1.0, 2.0, 3.0])
    rng = random.Random(5)
    drawn = np.array([known.draw(rng, 0.5) for _ in range(20_000)])
    np.testing.assert_allclose(drawn.mean(axis=0), known.mean, atol=0.01)
    np.testing.assert_allclose(np.cov(drawn.T), np.linalg.inv(precision) / 4.0, atol=0.005)


def test_an_unknown_child_gets_the_gentlest_light_included() -> None:
    assert {choose(learned(), seed=seed).scenario.name for seed in range(20)} == {GENTLEST}
    assert strength_of(LIBRARY[GENTLEST]) == min(strength_of(one) for one in ALLOWED)


def test_after_distress_nothing_is_drawn_and_what_was_halted_is_left_out() -> None:
    best, halted = NAMED[0], NAMED[1]
    known = learned(trial(best, 0.9, 0), trial(best, 0.9, 1), trial(halted, 0.9, 2, halted=True))
    assert known.after_distress
    chosen = [choose(known, distressed=True, seed=seed) for seed in range(20)]
    assert {one.scenario.name for one in chosen} == {best}
    assert f"'{halted}' was halted last" in chosen[0].reason


def test_a_halt_that_was_for_no_distress_teaches_nothing() -> None:
    known = learned(trial(NAMED[0], 0.9, 0), trial(NAMED[1], 0.9, 1, halted=True))
    assert known.trials[1].reward == 0.0
    assert known.amend("s1", void=True)
    assert known.trials[1].reward is None
    assert not known.after_distress
    assert not known.amend("s7", void=True)


@pytest.mark.parametrize(
    ("calm", "rating", "reward"), [(0.4, None, 0.4), (None, 5, 1.0), (0.4, 5, 0.7), (0.4, 1, 0.2)]
)
def test_the_reward_is_half_a_rating_where_there_is_one(
    calm: float | None, rating: int | None, reward: float
) -> None:
    assert trial(NAMED[0], calm, rating=rating).reward == pytest.approx(reward)


def test_a_pinned_scenario_is_taken_and_an_excluded_one_is_not() -> None:
    trials = [trial(NAMED[at], 0.5, at) for at in range(3)]
    assert choose(learned(*trials, pinned=NAMED[2])).scenario.name == NAMED[2]
    without = learned(*trials, excluded=frozenset(NAMED[1:]))
    assert choose(without).scenario.name == NAMED[0]
    with pytest.raises(ValidationError, match="pinned and excluded"):
        learned(pinned=NAMED[0], excluded=frozenset(NAMED[:1]))


def test_only_the_newest_trials_are_kept() -> None:
    known = learned(*(trial(NAMED[0], 0.5, at) for at in range(MAX_TRIALS)))
    known.add(trial(NAMED[1], 0.5, MAX_TRIALS))
    assert len(known.trials) == MAX_TRIALS
    assert known.trials[-1].scenario == NAMED[1]
    assert known.trials[0].session_id == "s1"


@dataclass(frozen=True)
class Children:
    """Expected reward of each scenario for each child, (children, scenarios)."""

    rewards: np.ndarray

    @staticmethod
    def drawn(count: int, rng: np.random.Generator, *, by_channel: bool) -> "Children":
        """Rewards of 0.6 and 0.15 to either side; by channel, features explain most of them."""
        own = rng.standard_normal((count, len(SEVEN)))
        features = np.array([features_of(one) for one in SEVEN])
        scaled = (features - features.mean(axis=0)) / features.std(axis=0)
        liked = rng.standard_normal((count, len(NAMES))) @ scaled.T
        mixed = 0.85 * liked / liked.std() + 0.53 * own if by_channel else own
        return Children(np.clip(0.6 + 0.15 * mixed, 0.02, 0.98))

    def regret(self, sessions: int, rng: np.random.Generator) -> np.ndarray:
        """Mean over the children of the summed regret after each session."""
        summed, dice = np.zeros(sessions), random.Random(11)
        for rewards in self.rewards:
            known, best = learned(), rewards.max()
            for number in range(sessions):
                one = Chooser(SEVEN, known, dice).choose(0.0)
                reward = rewards[STUDIED.index(one.scenario.name)]
                summed[number:] += best - reward
                seen = float(np.clip(reward + 0.1 * rng.standard_normal(), 0.0, 1.0))
                known.add(trial(one.scenario.name, seen, number))
        return summed / len(self.rewards)


@pytest.mark.slow
@pytest.mark.parametrize(("by_channel", "after_30"), [(True, 1.75), (False, 2.1)])
def test_regret_of_simulated_children_is_less_than_half_of_independent_beliefs(
    by_channel: bool, after_30: float
) -> None:
    """Independent Beta beliefs with full draws had 1.7 after 10 and 4.3 after 30 sessions."""
    rng = np.random.default_rng(11)
    regret = Children.drawn(120, rng, by_channel=by_channel).regret(30, rng)
    assert regret[9] <= 1.25
    assert regret[29] <= after_30


def test_the_population_moves_what_is_believed_of_a_new_child() -> None:
    liked, disliked = NAMED[0], NAMED[1]
    child = learned(trial(liked, 0.95, 0), trial(disliked, 0.1, 1), trial(liked, 0.9, 2))
    prior = population_prior([child] * 20, FEATURES)
    belief = Belief(prior, sums_of(learned(), FEATURES), NAMED)
    mean = {name: belief.expected(name, FEATURES[name], 0.0)[0] for name in (liked, disliked)}
    assert prior.children == 20
    assert mean[liked] > 0.8
    assert mean[disliked] < 0.35


def test_without_children_the_population_is_the_shipped_prior() -> None:
    prior = population_prior([learned(), learned()], FEATURES)
    assert prior is SHIPPED
    assert prior.children == 0


def test_one_child_alone_moves_the_population_little() -> None:
    child = learned(*(trial(NAMED[0], 0.0, at) for at in range(30)))
    prior = population_prior([child], FEATURES)
    assert 0.5 < prior.mean[0] < SHIPPED.mean[0]


def test_a_child_that_is_forgotten_leaves_the_population() -> None:
    child = learned(*(trial(NAMED[0], 0.0, at) for at in range(30)))
    population = PopulationPrior(FEATURES)
    population.note("k7", child)
    population.settle()
    assert population.prior.children == 1
    population.note("k7", learned())
    population.settle()
    assert population.prior is SHIPPED


def test_what_is_learned_is_said_with_its_certainty() -> None:
    by_vibration = sorted(NAMED, key=lambda name: FEATURES[name][0])
    trials = []
    for at in range(24):
        trials += [trial(by_vibration[-1 - at % 3], 0.95, 2 * at)]
        trials += [trial(by_vibration[at % 3], 0.2, 2 * at + 1)]
    said = [taste.text for taste in tastes(belief_of(*trials), 24)]
    assert "likes vibration: sure, 24 sessions" in said or any(
        text.startswith("likes vibration: fairly sure") for text in said
    )
    assert not tastes(belief_of(), 0)
