"""What is kept of each session of a child: what was played, how it arrived, what came of it."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from calmloop.contract.messages.base import Proportion
from calmloop.contract.messages.session import Name
from calmloop.scenario_selector.learning.features import NAMES
from calmloop.scenario_selector.ledger import Kept

MAX_TRIALS = 400
"""Older ones weigh less than 0.97 to the 400th, which is nothing."""

RATING_SHARE = 0.5
"""How much of a reward a caregiver's rating makes up, where there is one."""

BEST_RATING = 5

Feature = Annotated[float, Field(ge=-4.0, le=4.0)]


class Trial(Kept):
    """One scenario in one session of one child."""

    session_id: str = Field(min_length=1, max_length=64)
    on: date
    scenario: Name
    features: tuple[Feature, ...] = Field(min_length=len(NAMES), max_length=len(NAMES))
    arrival: Proportion = Field(description="Distress when the child arrived; 0 is calm.")
    calm: Proportion | None = Field(
        None, description="How far it became calm while it felt something; None when not seen."
    )
    rating: int | None = Field(None, ge=1, le=BEST_RATING, description="A caregiver's; 5 is best.")
    halted: bool = False
    void: bool = Field(False, description="A caregiver said that the halt was for no distress.")

    @property
    def reward(self) -> float | None:
        """0 to 1; None when nothing can be learned from it."""
        if self.halted and self.void:
            return None
        calm = 0.0 if self.halted else self.calm
        rated = None if self.rating is None else (self.rating - 1) / (BEST_RATING - 1)
        if calm is None or rated is None:
            return rated if calm is None else calm
        return (1.0 - RATING_SHARE) * calm + RATING_SHARE * rated


class Learned(Kept):
    """All that is kept of one child's preferences, oldest trial first."""

    version: int = Field(2, ge=2, le=2)
    trials: list[Trial] = Field(default_factory=list, max_length=MAX_TRIALS)
    pinned: Name | None = Field(
        None, description="A caregiver wants this one, whatever is learned."
    )
    excluded: frozenset[Name] = Field(
        frozenset(), description="A caregiver does not want these; the profile's come on top."
    )

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
        return newest is not None and newest.halted and not newest.void

    @property
    def left_out(self) -> str:
        """The scenario that is not chosen now while there is any other; empty when none is."""
        return self.newest.scenario if self.newest and self.after_distress else ""

    def sessions_with(self, scenario: str) -> int:
        """How often something was learned of a scenario."""
        return sum(t.scenario == scenario and t.reward is not None for t in self.trials)

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
