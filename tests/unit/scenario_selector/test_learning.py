"""What is learned of a child: beliefs, their prior, the choice that follows, and its words."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.learning.belief import COMMON, NOISE, SHIPPED, Belief, design
from calmloop.scenario_selector.learning.choice import Choice, Chooser
from calmloop.scenario_selector.learning.features import NAMES, features_of, strength_of
from calmloop.scenario_selector.learning.population import population_prior
from calmloop.scenario_selector.learning.trials import MAX_TRIALS, Learned, Trial
from calmloop.scenario_selector.learning.words import findings

LIBRARY = scenario.load()
NAMED = sorted(LIBRARY)
ALLOWED = [LIBRARY[name] for name in NAMED]
GENTLEST = min(ALLOWED, key=strength_of).name
DAY = date(2026, 1, 1)


def trial(name: str, calm: float | None, number: int = 0, **more: object) -> Trial:
    features = tuple(features_of(LIBRARY[name]).tolist())
    given = {"arrival": 0.0, **more}
    return Trial(
        session_id=f"s{number}", on=DAY, scenario=name, features=features, calm=calm, **given
    )


def learned(*trials: Trial, **more: object) -> Learned:
    return Learned(trials=list(trials), **more)


def chooser(known: Learned, seed: int = 0) -> Chooser:
    return Chooser(ALLOWED, known, SHIPPED, np.random.default_rng(seed))


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
    belief = Belief(SHIPPED, trials, NAMED)
    rows = np.zeros((4, len(belief.mean)))
    for at, one in enumerate(trials):
        rows[at, : len(COMMON)] = design(np.array(one.features), one.arrival)
        rows[at, len(COMMON) + NAMED.index(one.scenario)] = 1.0
    covariance = np.diag(np.concatenate((SHIPPED.variance, np.full(len(NAMED), 0.12**2))))
    mean = np.concatenate((SHIPPED.mean, np.zeros(len(NAMED))))
    noise = np.diag(NOISE**2 / 0.97 ** np.arange(3, -1, -1))
    gain = covariance @ rows.T @ np.linalg.inv(rows @ covariance @ rows.T + noise)
    rewards = np.array([one.reward for one in trials])
    np.testing.assert_allclose(belief.mean, mean + gain @ (rewards - rows @ mean), atol=1e-9)
    np.testing.assert_allclose(belief.covariance, covariance - gain @ rows @ covariance, atol=1e-9)


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
        own = rng.standard_normal((count, len(ALLOWED)))
        features = np.array([features_of(one) for one in ALLOWED])
        scaled = (features - features.mean(axis=0)) / features.std(axis=0)
        liked = rng.standard_normal((count, len(NAMES))) @ scaled.T
        mixed = 0.85 * liked / liked.std() + 0.53 * own if by_channel else own
        return Children(np.clip(0.6 + 0.15 * mixed, 0.02, 0.98))

    def regret(self, sessions: int, rng: np.random.Generator) -> np.ndarray:
        """Mean over the children of the summed regret after each session."""
        summed = np.zeros(sessions)
        for rewards in self.rewards:
            known, best = learned(), rewards.max()
            for number in range(sessions):
                one = Chooser(ALLOWED, known, SHIPPED, rng).choose(0.0, distressed=False)
                reward = rewards[NAMED.index(one.scenario.name)]
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
    child = [trial(liked, 0.95, 0), trial(disliked, 0.1, 1), trial(liked, 0.9, 2)]
    prior = population_prior([child] * 20, NAMED)
    belief = Belief(prior, [], NAMED)
    features = {name: features_of(LIBRARY[name]) for name in (liked, disliked)}
    mean = {name: belief.expected(name, features[name], 0.0)[0] for name in features}
    assert mean[liked] > 0.8
    assert mean[disliked] < 0.35


def test_without_children_the_population_is_the_shipped_prior() -> None:
    assert population_prior([[], []], NAMED) is SHIPPED


def test_one_child_alone_moves_the_population_little() -> None:
    child = [trial(NAMED[0], 0.0, at) for at in range(30)]
    prior = population_prior([child], NAMED)
    assert 0.5 < prior.mean[0] < SHIPPED.mean[0]


def test_what_is_learned_is_said_with_its_certainty() -> None:
    strong = max(ALLOWED, key=lambda one: features_of(one)[0]).name
    weak = min(ALLOWED, key=lambda one: features_of(one)[0]).name
    trials = []
    for at in range(12):
        trials += [trial(strong, 0.95, 2 * at), trial(weak, 0.2, 2 * at + 1)]
    said = [finding.text for finding in findings(Belief(SHIPPED, trials, NAMED), 24)]
    assert "likes vibration: sure, 24 sessions" in said or any(
        text.startswith("likes vibration: fairly sure") for text in said
    )
    assert not findings(Belief(SHIPPED, [], NAMED), 0)
