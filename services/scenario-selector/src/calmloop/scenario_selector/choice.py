"""Which scenario suits this child: Thompson sampling on what was calm before.

After distress it never explores. The reward is return to this child's calm, never excitement.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import Field, model_validator

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import ScenarioScore
from calmloop.scenario_selector.ledger import Kept
from calmloop.scenario_selector.scenario import Scenario

RATING_SHARE = 0.5
"""How much of a reward a caregiver's rating makes up, where there is one."""

BEST_RATING = 5
ROUNDING = 1e-6
"""A sum of rewards may exceed the number of sessions by what adding them rounds."""


class Experience(Kept):
    """What one scenario brought one child."""

    sessions: int = Field(0, ge=0, le=1_000_000)
    reward: float = Field(0.0, ge=0.0, description="Sum over the sessions, each 0 to 1.")

    @model_validator(mode="after")
    def _rewards_are_at_most_1_each(self) -> Self:
        if self.reward > self.sessions + ROUNDING:
            raise ValueError(f"reward = {self.reward:g} is more than 1 for each session")
        return self

    @property
    def mean(self) -> float:
        """Expected reward: that of a Beta(1 + reward, 1 + missed reward) distribution."""
        return (1.0 + self.reward) / (2.0 + self.sessions)


UNTRIED_MEAN = Experience().mean
"""What is believed of a scenario that this child never had."""


class History(Kept):
    """What was learned of one child."""

    experience: dict[str, Experience] = Field(default_factory=dict)
    after_distress: bool = False
    """Whether the last session was halted because of distress."""
    halted: str = ""
    """The scenario that played when it was; empty when it was not."""

    @property
    def left_out(self) -> str:
        """The scenario that is not chosen now while there is any other; empty when none is."""
        return self.halted if self.after_distress else ""

    def of(self, scenario: str) -> Experience:
        """What is known of one scenario; nothing is an answer too."""
        return self.experience.get(scenario, Experience())

    def learn(self, scenario: str, reward: float) -> None:
        """Adds one session's reward (0..1)."""
        held = self.of(scenario)
        self.experience[scenario] = Experience(
            sessions=held.sessions + 1, reward=held.reward + min(1.0, max(0.0, reward))
        )


@dataclass(frozen=True)
class Choice:
    """A scenario, why it is this one, and how all of them scored."""

    scenario: Scenario
    reason: str
    scores: tuple[ScenarioScore, ...]


def choose(
    allowed: Sequence[Scenario], history: History, rng: random.Random, *, distressed: bool
) -> Choice:
    """Picks one of the allowed scenarios.

    Args:
        allowed: Those that the caregiver and the profile allow; at least one.
        history: What was learned of this child.
        rng: Draws what is not known.
        distressed: The child is or was in distress: take the best mean, an untried one
            counting as such a one is believed to be; of equals the gentlest.
    """
    scores = score(allowed, history, rng, distressed=distressed)
    by_name = {scenario.name: scenario for scenario in allowed}
    if distressed:
        return _known_best(allowed, history, scores)
    best = max(scores, key=lambda entry: entry.score)
    mean = history.of(best.scenario).mean
    reason = (
        f"'{best.scenario}' drew {best.score:.2f}, the best of {len(scores)}"
        f" (mean {mean:.2f} over {best.sessions} sessions)"
    )
    return Choice(by_name[best.scenario], reason, scores)


def score(
    allowed: Sequence[Scenario], history: History, rng: random.Random, *, distressed: bool
) -> tuple[ScenarioScore, ...]:
    """One draw for each scenario from what is believed of it; after distress, the mean itself."""
    return tuple(
        ScenarioScore(
            scenario=scenario.name,
            score=_draw(history.of(scenario.name), rng, distressed),
            sessions=history.of(scenario.name).sessions,
        )
        for scenario in allowed
    )


def _draw(known: Experience, rng: random.Random, distressed: bool) -> float:
    if distressed:
        return known.mean
    return rng.betavariate(1.0 + known.reward, 1.0 + max(0.0, known.sessions - known.reward))


def _known_best(
    allowed: Sequence[Scenario], history: History, scores: tuple[ScenarioScore, ...]
) -> Choice:
    """The one with the best mean, of equals the gentlest; an untried one counts UNTRIED_MEAN.

    So nothing known to do worse than an untried one is taken while there is one. What played at
    the last distress is left out while there is any other.
    """
    rest = [scenario for scenario in allowed if scenario.name != history.left_out] or allowed
    best = max(rest, key=lambda entry: (history.of(entry.name).mean, -entry.strength_pct))
    reason = f"after distress: '{best.name}' {_merit(history.of(best.name))}"
    if history.left_out == best.name:
        reason += "; it was halted last, but no other is allowed"
    elif len(rest) < len(allowed):
        reason += f"; '{history.left_out}' was halted last and is left out"
    return Choice(best, reason, scores)


def _merit(known: Experience) -> str:
    so_far = f"(mean {known.mean:.2f} over {known.sessions} sessions)"
    if known.mean > UNTRIED_MEAN:
        return f"is known to be best {so_far}"
    if known.mean == UNTRIED_MEAN:
        return "is the gentlest, since none is known to calm this child"
    return f"did least badly {so_far}"


class Calm:
    """Adds up the reward of one scenario while it plays: the share of calm among known cycles."""

    def __init__(self) -> None:
        self._calm = 0
        self._known = 0
        self._halted = False

    def count(self, label: Label) -> None:
        """Counts the verdict of one cycle; neutral is as calm as positive."""
        if label is not Label.UNKNOWN:
            self._known += 1
            self._calm += label is not Label.NEGATIVE

    def halt(self) -> None:
        """It ended in distress: worth nothing."""
        self._halted = True

    def reward(self, rating: int | None = None) -> float | None:
        """The reward (0..1) with a caregiver's rating of 1 to 5; None when nothing was learned."""
        if self._halted:
            return 0.0
        rated = None if rating is None else (rating - 1) / (BEST_RATING - 1)
        if not self._known:
            return rated
        calm = self._calm / self._known
        return calm if rated is None else (1 - RATING_SHARE) * calm + RATING_SHARE * rated
