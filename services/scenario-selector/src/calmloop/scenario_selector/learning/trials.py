"""What is kept of each session of a child: what was played, how it arrived, what came of it."""

from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, model_validator

from calmloop.contract.messages.base import Proportion
from calmloop.contract.messages.session import Channel, Name
from calmloop.scenario_selector.distress.usual import Usual
from calmloop.scenario_selector.learning.features import NAMES
from calmloop.scenario_selector.ledger import Kept
from calmloop.scenario_selector.levels import ChannelLevel

VERSION = 2
MAX_TRIALS = 400
"""Older ones weigh less than 0.97 to the 400th, which is nothing."""

RATING_SHARE = 0.5
"""How much of a reward a caregiver's rating makes up, where there is one."""

LESS_COSTS = 0.1
"""What each step that the child itself took off costs of the calm: it was too much for it, whatever
its face showed. Our choice: a tenth of what a halt costs."""

MAX_LESS = 99
"""Steps beyond these are not counted."""

BEST_RATING = 5
ROUNDING = 1e-6
"""A sum of rewards may exceed the number of sessions by what adding them rounds."""

Feature = Annotated[float, Field(ge=-4.0, le=4.0)]
Rating = Annotated[int, Field(ge=1, le=BEST_RATING)]


class Experience(Kept):
    """What one scenario brought one child before single sessions were kept."""

    sessions: int = Field(0, ge=0, le=1_000_000)
    reward: float = Field(0.0, ge=0.0, description="Sum over the sessions, each 0 to 1.")

    @model_validator(mode="after")
    def _rewards_are_at_most_1_each(self) -> Self:
        if self.reward > self.sessions + ROUNDING:
            raise ValueError(f"reward = {self.reward:g} is more than 1 for each session")
        return self


class Earlier(Kept):
    """The record of version 1 as it was: sums by scenario. Nothing is added to it any more."""

    experience: dict[str, Experience] = Field(default_factory=dict)
    after_distress: bool = False
    """Whether the last session of then was halted because of distress."""
    halted: str = ""
    """The scenario that played when it was; empty when it was not."""


class Trial(Kept):
    """One scenario in one session of one child."""

    session_id: str = Field(min_length=1, max_length=64)
    ended: AwareDatetime
    scenario: Name
    features: tuple[Feature, ...] = Field(min_length=len(NAMES), max_length=len(NAMES))
    arrival: Proportion = Field(description="Distress when the child arrived; 0 is calm.")
    calm: Proportion | None = Field(
        None, description="How far it became calm while it felt something; None when not seen."
    )
    less: int = Field(0, ge=0, le=MAX_LESS, description="Steps that the child itself took off.")
    before: Rating | None = Field(None, description="How the child was before: 5 is best.")
    rating: Rating | None = Field(None, description="How it was after, or how well it did.")
    halted: bool = False
    void: bool = Field(False, description="A caregiver said that the halt was for no distress.")

    @property
    def reward(self) -> float | None:
        """0 to 1; None when nothing can be learned from it."""
        if self.halted and not self.void:
            return 0.0
        calm = self._calm_that_counts
        rated = None if self.rating is None else rated_change(self.before, self.rating)
        if calm is None or rated is None:
            return rated if calm is None else calm
        return (1.0 - RATING_SHARE) * calm + RATING_SHARE * rated

    @property
    def _calm_that_counts(self) -> float | None:
        """The calm reached, less what the child itself took off; None when it was halted."""
        if self.halted or self.calm is None:
            return None
        return max(0.0, self.calm - LESS_COSTS * self.less)


def rated_change(before: int | None, after: int) -> float:
    """What two smileys say of a session, 0 to 1: how far towards the best, or back to the worst.

    Without the one before, the one after stands for itself; staying at the best is worth 1, staying
    anywhere else 0.5.
    """
    if before is None:
        return (after - 1) / (BEST_RATING - 1)
    if after < before:
        return 0.5 * (after - 1) / (before - 1)
    return 1.0 if before == BEST_RATING else 0.5 + 0.5 * (after - before) / (BEST_RATING - before)


class Learned(Kept):
    """All that is kept of one child's preferences and calm, oldest trial first."""

    version: int = Field(VERSION, ge=VERSION, le=VERSION)
    trials: list[Trial] = Field(default_factory=list, max_length=MAX_TRIALS)
    earlier: Earlier = Field(default_factory=Earlier)
    pinned: Name | None = Field(
        None, description="A caregiver wants this one, whatever is learned."
    )
    excluded: frozenset[Name] = Field(
        frozenset(), description="A caregiver does not want these; the profile's come on top."
    )
    norms: Usual = Field(
        default_factory=dict, description="What each signal is in calm; none in files of before."
    )
    levels: dict[Channel, ChannelLevel] = Field(
        default_factory=dict, description="What upset it and suited it; none in files of before."
    )

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, data: Any) -> Any:
        """A file of version 1 has no version, and becomes what was earlier."""
        if isinstance(data, dict) and data and not data.keys() & cls.model_fields.keys():
            return {"earlier": data}
        return data

    @model_validator(mode="after")
    def _a_pinned_one_is_not_excluded(self) -> Self:
        if self.pinned in self.excluded:
            raise ValueError(f"'{self.pinned}' is pinned and excluded: take back one of them")
        return self

    @property
    def newest(self) -> Trial | None:
        """The last one."""
        return self.trials[-1] if self.trials else None

    @property
    def after_distress(self) -> bool:
        """Whether the last session was halted because of distress."""
        newest = self.newest
        if newest is None:
            return self.earlier.after_distress
        return newest.halted and not newest.void

    @property
    def left_out(self) -> str:
        """The scenario that is not chosen now while there is any other; empty when none is."""
        if not self.after_distress:
            return ""
        return self.newest.scenario if self.newest else self.earlier.halted

    @property
    def is_new(self) -> bool:
        """Whether nothing is known of this child."""
        return not self.sessions

    @property
    def sessions(self) -> int:
        """How many sessions something was learned from."""
        kept = {trial.session_id for trial in self.trials if trial.reward is not None}
        return len(kept) + sum(entry.sessions for entry in self.earlier.experience.values())

    def sessions_with(self, scenario: str) -> int:
        """How often something was learned of a scenario."""
        earlier = self.earlier.experience.get(scenario, Experience()).sessions
        return earlier + sum(t.scenario == scenario and t.reward is not None for t in self.trials)

    def add(self, trial: Trial) -> None:
        """Keeps one more, the oldest giving way."""
        self.trials = [*self.trials, trial][-MAX_TRIALS:]

    def amend(self, session_id: str, **changes: object) -> bool:
        """Changes all trials of a session; False when there is none."""
        known = any(trial.session_id == session_id for trial in self.trials)
        self.trials = [
            trial.model_copy(update=changes) if trial.session_id == session_id else trial
            for trial in self.trials
        ]
        return known
