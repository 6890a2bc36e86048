"""The children's codes and profiles, as a console reads and writes them."""

from enum import StrEnum

from pydantic import Field, model_validator

from calmloop.contract.messages.base import Command, Percent, ServiceMessage
from calmloop.contract.messages.session import Channel, Name, Token

MAX_ITEMS = 60
MAX_TEXT = 4000
PRIVATE = frozenset({"goals", "notes"})
"""Text for people: told to whoever asks for it, and never in a log, a refusal or a record."""


class ProfileBounds(Command):
    """What a person allows for one child; what is left out stays as it stands in its file."""

    ceiling_pct: Percent | None = None
    minutes_per_session: float | None = Field(None, gt=0.0, le=30.0)
    minutes_per_day: float | None = Field(None, gt=0.0, le=120.0)
    excluded_scenarios: tuple[Name, ...] | None = Field(None, max_length=MAX_ITEMS)
    excluded_channels: tuple[Channel, ...] | None = None
    max_vibration_pct: Percent | None = None
    max_sound_pct: Percent | None = None
    max_light_pct: Percent | None = None
    sensory: dict[Channel, str] | None = Field(None, description="Seeking or avoiding.")
    cleared_contraindications: tuple[str, ...] | None = Field(
        None, max_length=MAX_ITEMS, description="Those that a person has ticked off, by code."
    )
    goals: str | None = Field(None, max_length=MAX_TEXT, description="For people.")
    notes: str | None = Field(None, max_length=MAX_TEXT, description="For people.")


class ProfileAction(StrEnum):
    """What is asked of the profiles."""

    SHOW = "show"
    WRITE = "write"
    ERASE = "erase"


class ErasedPart(StrEnum):
    """What scenario-selector keeps of a child."""

    PROFILE = "profile"
    LEARNED = "learned"
    DOSE = "dose"


class ProfileCommand(Command):
    """Shows or writes the bounds of a child, or erases all that is kept of it there.

    They count from its next session on, whose start needs somebody present: this raises nothing.
    What cannot be undone needs somebody present, too.
    """

    action: ProfileAction
    profile: Name
    bounds: ProfileBounds | None = None
    request: str = Field("", max_length=64, description="Comes back in the answer.")
    token: Token | None = Field(None, description="The session's start token; `erase` needs it.")

    @model_validator(mode="after")
    def _has_its_bounds(self) -> "ProfileCommand":
        if self.action is ProfileAction.WRITE and self.bounds is None:
            raise ValueError("action 'write' needs the field 'bounds'")
        return self


class ProfilesState(ServiceMessage):
    """On each change, and as the answer to a command; not retained, since it is of children."""

    codes: tuple[str, ...] = Field((), description="Of the children that have a profile.")
    profile: str = Field("", description="Whose bounds stand here; empty: nobody's.")
    bounds: ProfileBounds | None = None
    request: str = Field("", description="Of the command that this answers.")
    erased: tuple[ErasedPart, ...] = Field((), description="What an erasure reached.")
    left: tuple[ErasedPart, ...] = Field(
        (), description="And what not: the minutes of today bound what may be given until tomorrow."
    )
    refusal: str = Field("", max_length=400, description="Why the command was not obeyed.")
