"""What the children of one installation have in common: a prior for the next child.

Empirical Bayes by expectation and maximisation: each child's belief under the present prior, then
the prior that makes these beliefs likeliest, drawn towards the shipped one as if that stood for
some children (Gelman et al., Bayesian Data Analysis, 2013, chapter 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from calmloop.scenario_selector.learning.belief import (
    COMMON,
    SHIPPED,
    Belief,
    Prior,
    Sums,
    sums_of,
)
from calmloop.scenario_selector.learning.gaussian import Vector
from calmloop.scenario_selector.learning.trials import Learned

SHIPPED_CHILDREN = 5.0
"""How many children the shipped prior counts for."""

ROUNDS = 5
MIN_VARIANCE = 0.02**2
"""No child is so much like the others that nothing could be learned of it."""


@dataclass
class _Tally:
    """Sums of one weight over the children that say something of it."""

    children: int = 0
    mean: float = 0.0
    square: float = 0.0
    """Of mean squared and variance together."""

    def add(self, mean: float, variance: float, children: int = 1) -> None:
        self.children += children
        self.mean += children * mean
        self.square += children * (mean * mean + variance)

    def fit(self, first: float, first_variance: float) -> tuple[float, float]:
        """The prior's mean and variance of this weight, from those of the shipped one."""
        whole = SHIPPED_CHILDREN + self.children
        mean = (SHIPPED_CHILDREN * first + self.mean) / whole
        spread = self.square - 2.0 * mean * self.mean + self.children * mean * mean
        return mean, max(MIN_VARIANCE, (SHIPPED_CHILDREN * first_variance + spread) / whole)


@dataclass
class _Round:
    """One round over the children: whose belief is still to be computed, and the sums so far."""

    waiting: list[str]
    common: list[_Tally] = field(default_factory=lambda: [_Tally() for _ in COMMON])
    effects: dict[str, _Tally] = field(default_factory=dict)

    def add(self, belief: Belief) -> None:
        for tally, name in zip(self.common, COMMON, strict=True):
            mean, deviation = belief.weight(name)
            tally.add(mean, deviation**2)
        for name in belief.scenarios:
            mean, deviation = belief.effect(name)
            self.effects.setdefault(name, _Tally()).add(mean, deviation**2)


class PopulationPrior:
    """The prior, kept up to date in small steps, so that no turn of the loop takes long.

    Attributes:
        prior: What is believed of a child before its first session.
    """

    def __init__(self, features: Mapping[str, Vector], shipped: Prior = SHIPPED) -> None:
        """Begins with the shipped prior.

        Args:
            features: Of the library's scenarios, by name.
            shipped: What is believed without any child.
        """
        self.prior = shipped
        self._shipped = shipped
        self._features = features
        self._children: dict[str, Sums] = {}
        self._rounds_left = 0
        self._round: _Round | None = None

    def note(self, code: str, learned: Learned) -> None:
        """Something was learned of a child, or forgotten."""
        sums = sums_of(learned, self._features)
        if sums.scenarios:
            self._children[code] = sums
        else:
            self._children.pop(code, None)
        self._rounds_left, self._round = ROUNDS, None

    def settle(self) -> None:
        """Computes all that is left; takes 0.4 ms a child and round."""
        while self._rounds_left:
            self.turn()

    def turn(self) -> None:
        """Computes one child's share of what is left; takes 0.4 ms."""
        if not self._rounds_left:
            return
        if self._round is None:
            self._round = _Round(list(self._children))
        if self._round.waiting:
            sums = self._children[self._round.waiting.pop()]
            self._round.add(Belief(self.prior, sums))
        if not self._round.waiting:
            self.prior, self._round = self._fit(self._round), None
            self._rounds_left -= 1

    def _fit(self, over: _Round) -> Prior:
        children, shipped = len(self._children), self._shipped
        if not children:
            return shipped
        common = [
            tally.fit(mean, variance)
            for tally, mean, variance in zip(
                over.common, shipped.mean, shipped.variance, strict=True
            )
        ]
        effects = {name: self._fit_effect(name, tally) for name, tally in over.effects.items()}
        return Prior(
            mean=[mean for mean, _ in common],
            variance=[variance for _, variance in common],
            effect_mean={name: mean for name, (mean, _) in effects.items()},
            effect_variance=sum(variance for _, variance in effects.values()) / len(effects),
            children=children,
        )

    def _fit_effect(self, name: str, tally: _Tally) -> tuple[float, float]:
        """Counts a child who never had the scenario with what is believed of it so far."""
        mean, variance = self.prior.effect_mean.get(name, 0.0), self.prior.effect_variance
        tally.add(mean, variance, len(self._children) - tally.children)
        return tally.fit(self._shipped.effect_mean.get(name, 0.0), self._shipped.effect_variance)


def population_prior(
    children: Sequence[Learned], features: Mapping[str, Vector], shipped: Prior = SHIPPED
) -> Prior:
    """The prior that the children of this installation give.

    Args:
        children: What is kept of each; one without trials says nothing.
        features: Of the library's scenarios, by name.
        shipped: What is believed without any child.
    """
    population = PopulationPrior(features, shipped)
    for number, learned in enumerate(children):
        population.note(str(number), learned)
    population.settle()
    return population.prior
