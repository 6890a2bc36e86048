"""Who asks: somebody who has logged in, or anybody."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody who has logged in may do."""

    VIEWER = "viewer"
    """Sees everything; commands only what anybody may."""
    CAREGIVER = "caregiver"
    """Runs sessions, too."""
    TECHNICIAN = "technician"
    """Sets up, too: users, and where a face may be read."""


COMMANDING = frozenset({Role.CAREGIVER, Role.TECHNICIAN})


@dataclass(frozen=True)
class Actor:
    """Somebody by the name of a login; without one, anybody who stands at a screen.

    Attributes:
        name: Empty without login.
        role: None without login.
    """

    name: str = ""
    role: Role | None = None

    @property
    def known(self) -> bool:
        """Whether it has logged in."""
        return self.role is not None

    @property
    def commands(self) -> bool:
        """Whether it may raise and start."""
        return self.role in COMMANDING


ANYBODY = Actor()
