"""What the child itself asks for, on a page that a caregiver allowed for this session."""

from enum import StrEnum

from pydantic import Field, model_validator

from calmloop.contract.messages.base import Command
from calmloop.contract.messages.session import Name, Token


class ChildAction(StrEnum):
    """What the child can ask for."""

    LESS = "less"
    MORE = "more"
    CHOOSE = "choose"


class ChildCommand(Command):
    """Less is always obeyed; more and choose carry the `child_token` of `session/state`.

    Both are refused but in a running session whose face is seen and not negative, and each comes
    at most every 30 s.
    """

    action: ChildAction
    token: Token | None = None
    scenario: Name | None = Field(None, description="With choose: one of the `offers`.")

    @model_validator(mode="after")
    def _has_its_scenario(self) -> "ChildCommand":
        if self.action is ChildAction.CHOOSE and self.scenario is None:
            raise ValueError("action 'choose' needs the field 'scenario', one of the `offers`")
        return self
