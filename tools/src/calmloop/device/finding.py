"""What one look at the device found."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class Grade(StrEnum):
    """How much it matters."""

    GOOD = "good"
    UNUSED = "unused"
    WARNING = "warning"
    WRONG = "wrong"


class DeviceFinding(BaseModel):
    """One thing that was looked at.

    Attributes:
        check: What was looked at, such as `camera`.
        grade: How much it matters; `unused`: this deployment does not ask for it.
        text: What was found.
        todo: What to do about it; empty where nothing has to be done.
    """

    model_config = ConfigDict(frozen=True)

    check: str
    grade: Grade
    text: str
    todo: str = ""

    @classmethod
    def good(cls, check: str, text: str) -> Self:
        """It is as it should be."""
        return cls(check=check, grade=Grade.GOOD, text=text)

    @classmethod
    def unused(cls, check: str, text: str) -> Self:
        """This deployment does without."""
        return cls(check=check, grade=Grade.UNUSED, text=text)

    @classmethod
    def warning(cls, check: str, text: str, todo: str) -> Self:
        """It works, and should be seen to."""
        return cls(check=check, grade=Grade.WARNING, text=text, todo=todo)

    @classmethod
    def wrong(cls, check: str, text: str, todo: str) -> Self:
        """It does not work so."""
        return cls(check=check, grade=Grade.WRONG, text=text, todo=todo)
