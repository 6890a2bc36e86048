"""Which scenario suits this child now: Thompson sampling on what is believed of it.

It explores only where nothing speaks against it: never in distress or after it, and never with a
child whom nobody knows.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from calmloop.contract.messages.session import ScenarioScore
from calmloop.scenario_selector.learning.belief import SHIPPED, Belief, Prior, sums_of
from calmloop.scenario_selector.learning.features import features_of, strength_of
from calmloop.scenario_selector.learning.gaussian import Vector
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.scenario import Scenario

SPREAD = 0.25
"""Of a draw, as a share of the posterior's standard deviation: exploring half-heartedly costs a
child less, and no slower is what 400 simulated children learned over 30 sessions."""

LIKELY = 1.96
"""Standard deviations to either side of a mean that hold 95 %."""


@dataclass(frozen=True)
class Choice:
    """A scenario, why it is this one, and how all of them scored."""

    scenario: Scenario
    reason: str
    scores: tuple[ScenarioScore, ...]


class Chooser:
    """Chooses for one child among the scenarios that it may have.

    Attributes:
        learned: What is kept of this child; a pin or an exclusion counts from the next choice.
        belief: What follows from it, as it was before this session.
    """

    def __init__(
        self,
        allowed: Sequence[Scenario],
        learned: Learned,
        rng: random.Random,
        prior: Prior = SHIPPED,
        library: Mapping[str, Vector] | None = None,
    ) -> None:
        """Takes what is known when a session starts.

        Args:
            allowed: Those that caregiver and profile allow; at least one.
            learned: What was learned of this child.
            rng: Source of chance.
            prior: That of the population.
            library: Features of further scenarios, of which something may be known.
        """
        self.learned = learned
        self._allowed = {scenario.name: scenario for scenario in allowed}
        self._features = {name: features_of(entry) for name, entry in self._allowed.items()}
        sums = sums_of(learned, {**(library or {}), **self._features})
        self.belief = Belief(prior, sums, list(self._features))
        self._sessions = {name: learned.sessions_with(name) for name in self._allowed}
        self._rng = rng
        self._scored_for: float | None = None
        self._scores: tuple[ScenarioScore, ...] = ()

    @property
    def left_out(self) -> str:
        """What was halted last, and is not taken while there is any other; empty when nothing."""
        return self.learned.left_out

    def choose(
        self, arrival: float, *, distressed: bool = False, without: Collection[str] = ()
    ) -> Choice:
        """Picks one.

        Args:
            arrival: Distress when the child arrived, 0 to 1.
            distressed: The child is in distress. After a session that ended in it, it is treated
                alike.
            without: Names that are not to be taken while there is any other.
        """
        wary = distressed or self.learned.after_distress
        options = self._options(without)
        scores = self.scores(arrival)
        if self.learned.pinned in options:
            reason = f"'{self.learned.pinned}' is pinned by a caregiver"
            best = self.learned.pinned
        elif self.learned.is_new:
            best = min(options, key=lambda name: strength_of(self._allowed[name]))
            reason = f"'{best}' is the gentlest: nothing is known of this child yet"
        elif wary:
            best, reason = self._surest(options, scores)
        else:
            best, reason = self._drawn(options, scores, arrival)
        if wary:
            reason = f"after distress: {reason}{self._omission(best)}"
        return Choice(self._allowed[best], reason, scores)

    def scores(self, arrival: float) -> tuple[ScenarioScore, ...]:
        """What is to be expected of each, with its interval: worked out once for an arrival."""
        if arrival != self._scored_for:
            self._scores = tuple(self._score(name, arrival) for name in self._allowed)
            self._scored_for = arrival
        return self._scores

    def ranked(self, arrival: float) -> list[str]:
        """Names, what suits the child best first; with one whom nobody knows, the gentlest.

        What was halted last is none of them.
        """
        if self.learned.is_new:
            names = sorted(self._allowed, key=lambda name: strength_of(self._allowed[name]))
        else:
            scores = sorted(self.scores(arrival), key=lambda score: -score.score)
            names = [score.scenario for score in scores]
        return [name for name in names if name != self.left_out]

    def _options(self, without: Collection[str]) -> list[str]:
        options = list(self._allowed)
        for unwanted in (self.learned.excluded, {self.left_out}, without):
            options = [name for name in options if name not in unwanted] or options
        return options

    def _score(self, name: str, arrival: float) -> ScenarioScore:
        mean, deviation = self.belief.expected(name, self._features[name], arrival)
        return ScenarioScore(
            scenario=name,
            score=round(mean, 3),
            low=round(mean - LIKELY * deviation, 3),
            high=round(mean + LIKELY * deviation, 3),
            sessions=self._sessions[name],
        )

    def _surest(self, options: Sequence[str], scores: Sequence[ScenarioScore]) -> tuple[str, str]:
        """The best mean; of what is as good as equal, the gentlest. Never a draw."""
        known = {score.scenario: score for score in scores}

        def merit(name: str) -> tuple[float, float]:
            return round(known[name].score, 2), -strength_of(self._allowed[name])

        best = max(options, key=merit)
        return best, f"'{best}' is likely to do best ({_expectation(known[best])})"

    def _drawn(
        self, options: Sequence[str], scores: Sequence[ScenarioScore], arrival: float
    ) -> tuple[str, str]:
        features = {name: self._features[name] for name in options}
        drawn = self.belief.drawn(self._rng, features, arrival, SPREAD)
        best = max(options, key=lambda name: drawn[name])
        known = next(score for score in scores if score.scenario == best)
        of = f"the best of {len(options)} ({_expectation(known)})"
        return best, f"'{best}' drew {drawn[best]:.2f}, {of}"

    def _omission(self, best: str) -> str:
        if best == self.left_out:
            return "; it was halted last, but no other is allowed"
        return f"; '{self.left_out}' was halted last and is left out" if self.left_out else ""


def _expectation(score: ScenarioScore) -> str:
    sessions = "1 session" if score.sessions == 1 else f"{score.sessions} sessions"
    return f"{score.score:.2f} expected, {sessions}"
