"""What suits a child: what was learned of it, and a caregiver's corrections."""

from enum import StrEnum

from pydantic import Field, model_validator

from calmloop.contract.messages.base import Command, Part, Percent, Proportion, ServiceMessage
from calmloop.contract.messages.session import Channel, Name, ScenarioScore


class LearningAction(StrEnum):
    """What a caregiver can say of what was learned."""

    SHOW = "show"
    RATE = "rate"
    VOID = "void"
    PIN = "pin"
    UNPIN = "unpin"
    EXCLUDE = "exclude"
    ALLOW = "allow"
    FORGET = "forget"


class LearningCommand(Command):
    """Shows or corrects a record. None of these raises an output, so none carries a token."""

    action: LearningAction
    profile: Name | None = Field(
        None, description="The child's code; without it the child of the running or last session."
    )
    scenario: Name | None = Field(None, description="With pin, exclude and allow.")
    rating: int | None = Field(
        None, ge=1, le=5, description="With rate: how the child was after its last session."
    )

    @model_validator(mode="after")
    def _has_its_value(self) -> "LearningCommand":
        needs = {
            LearningAction.RATE: "rating",
            LearningAction.PIN: "scenario",
            LearningAction.EXCLUDE: "scenario",
            LearningAction.ALLOW: "scenario",
        }
        field = needs.get(self.action)
        if field is not None and getattr(self, field) is None:
            raise ValueError(f"action '{self.action}' needs the field '{field}'")
        return self


class Taste(Part):
    """One thing that a child likes or does not."""

    text: str = Field(description="In words: 'likes vibration: fairly sure, 9 sessions'.")
    name: str = Field(description="Which feature of a scenario it is about.")
    weight: float = Field(description="What half of that feature's range adds to the reward.")
    low: float = Field(description="Of the weight's 95 % interval.")
    high: float = Field(description="The same.")
    certainty: Proportion = Field(description="Probability that the weight has this sign.")


class LearnedLevel(Part):
    """Which level of one channel upset a child, and which suited it."""

    channel: Channel
    text: str = Field(
        description="In words: 'light at 40 % upset it, 1 calm session since: kept below 40 %'."
    )
    upset_pct: Percent | None = Field(None, description="The level; absent: none has.")
    kept_below_pct: Percent | None = Field(
        None, description="By that, at the start of its next session; relaxed by calm ones."
    )
    comfortable_pct: Percent | None = Field(
        None, description="The highest that it was calm at for a minute."
    )


class LearningState(ServiceMessage):
    """Retained; of the child in the chair or last in it, by its code."""

    profile: str = Field("", description="Empty before the first session.")
    sessions: int = Field(0, ge=0, description="From which something was learned.")
    tastes: list[Taste] = Field(default_factory=list, description="Surest first.")
    levels: list[LearnedLevel] = Field(
        default_factory=list, description="Of each channel of which something is known."
    )
    scores: list[ScenarioScore] = Field(
        default_factory=list, description="Expected of each scenario for a child that arrives calm."
    )
    pinned: str = ""
    excluded: tuple[str, ...] = ()
    children: int = Field(
        0, ge=0, description="Of this installation, behind the prior; 0: simulated ones."
    )
    last_session: str = Field("", max_length=64, description="Id of the last one kept.")
    last_rating: int | None = Field(None, ge=1, le=5)
    last_halted: bool = Field(False, description="It ended in distress, and nobody voided that.")
