"""What the session log says of itself; what it keeps is read over HTTP."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import ServiceMessage


class LogCondition(StrEnum):
    """Whether what happens is kept."""

    CHECKING = "checking"
    """It is being read through after a start; what happens meanwhile is kept afterwards."""
    KEEPING = "keeping"
    FAILING = "failing"
    """It cannot be written: `unkept` events wait in memory."""


class SampleKeeping(StrEnum):
    """What is done with samples, of which there is most."""

    KEPT = "kept"
    THINNED = "thinned"
    """Of the oldest sessions every tenth is left, or none: the disk was filling up."""


class LogState(ServiceMessage):
    """Retained; on every change and once a minute."""

    condition: LogCondition
    sessions: int = Field(0, ge=0, description="Kept.")
    events: int = Field(0, ge=0, description="Kept.")
    size_bytes: int = Field(0, ge=0, description="Of the database and its write-ahead log.")
    free_bytes: int = Field(0, ge=0, description="Of the disk that it is on.")
    samples: SampleKeeping = SampleKeeping.KEPT
    unkept: int = Field(0, ge=0, description="Events in memory that could not be written yet.")
    waiting: int = Field(0, ge=0, description="What the centre of a fleet has not acknowledged.")
    trouble: str = Field("", max_length=300, description="What is wrong, and what to do.")
