"""Which scenario suits this child now: Thompson sampling on what is believed of it.

It explores only where nothing speaks against it: never in distress or after it, and never with a
child whom nobody knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calmloop.contract.messages.session import ScenarioScore
from calmloop.scenario_selector.learning.belief import Belief, Prior
from calmloop.scenario_selector.learning.features import features_of, strength_of
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.scenario import Scenario

SPREAD = 0.4
"""Of a draw, as a share of the posterior's standard deviation: exploring half-heartedly costs a
child less and learned no slower over 30 simulated sessions."""


@dataclass(frozen=True)
class Choice:
    """A scenario, why it is this one, and how all of them scored."""

    scenario: Scenario
    reason: str
    scores: tuple[ScenarioScore, ...]


class Chooser:
    """Chooses for one child among the scenarios that it may have."""

    def __init__(
        self,
        allowed: Sequence[Scenario],
        learned: Learned,
        prior: Prior,
        rng: np.random.Generator,
    ) -> None:
        """Takes what is known when a session starts.

        Args:
            allowed: Those that caregiver and profile allow; at least one.
            learned: What was learned of this child; what it excludes is left out while there is
                any other.
            prior: That of the population.
            rng: Source of chance.
        """
        kept = [scenario for scenario in allowed if scenario.name not in learned.excluded]
        self.allowed = kept or list(allowed)
        self._learned = learned
        self._features = {scenario.name: features_of(scenario) for scenario in self.allowed}
        self._belief = Belief(prior, learned.trials, list(self._features))
        self._rng = rng

    def choose(self, arrival: float, *, distressed: bool, without: Sequence[str] = ()) -> Choice:
        """Picks one.

        Args:
            arrival: Distress now, 0 to 1.
            distressed: The child is in distress, or was when its last session ended.
            without: Names that are not to be taken while there is any other.
        """
        rest = [scenario for scenario in self.allowed if scenario.name not in without]
        options = rest or self.allowed
        pinned = next((s for s in options if s.name == self._learned.pinned), None)
        if pinned is not None:
            return Choice(pinned, "pinned by a caregiver", self.scores(arrival))
        if not any(trial.reward is not None for trial in self._learned.trials):
            gentlest = min(options, key=strength_of)
            reason = f"'{gentlest.name}' is the gentlest: nothing is known of this child yet"
            return Choice(gentlest, reason, self.scores(arrival))
        if distressed:
            return self._surest(options, arrival)
        return self._drawn(options, arrival)

    def scores(self, arrival: float) -> tuple[ScenarioScore, ...]:
        """What is to be expected of each, with its interval."""
        return tuple(self._score(scenario.name, arrival) for scenario in self.allowed)

    def _score(self, name: str, arrival: float) -> ScenarioScore:
        mean, deviation = self._belief.expected(name, self._features[name], arrival)
        return ScenarioScore(
            scenario=name,
            score=round(mean, 3),
            low=round(mean - 1.96 * deviation, 3),
            high=round(mean + 1.96 * deviation, 3),
            sessions=self._learned.sessions_with(name),
        )

    def _surest(self, options: Sequence[Scenario], arrival: float) -> Choice:
        """The best mean; of what is as good as equal, the gentlest. Never a draw."""
        left_out = self._learned.left_out
        rest = [scenario for scenario in options if scenario.name != left_out] or list(options)
        scores = {score.scenario: score for score in self.scores(arrival)}
        best = max(rest, key=lambda s: (round(scores[s.name].score, 2), -strength_of(s)))
        reason = (
            f"after distress: '{best.name}' has done best ({scores[best.name].score:.2f} expected,"
            f" {scores[best.name].sessions} sessions)"
        )
        if left_out and len(rest) < len(options):
            reason += f"; '{left_out}' was halted last and is left out"
        return Choice(best, reason, tuple(scores.values()))

    def _drawn(self, options: Sequence[Scenario], arrival: float) -> Choice:
        features = {scenario.name: self._features[scenario.name] for scenario in options}
        drawn = self._belief.drawn(self._rng, features, arrival, SPREAD)
        best = max(options, key=lambda scenario: drawn[scenario.name])
        score = self._score(best.name, arrival)
        reason = (
            f"'{best.name}' drew {drawn[best.name]:.2f}, the best of {len(options)}"
            f" ({score.score:.2f} expected, {score.sessions} sessions)"
        )
        return Choice(best, reason, self.scores(arrival))
