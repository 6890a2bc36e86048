"""What leaves a chair for the centre of a fleet, and what comes back: a number, and certificates.

None of it is on the chair's own bus. Who sent a batch says the certificate, never the batch.
"""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from calmloop.contract.messages.base import Part

MAX_BATCH = 200
"""Items."""

Epoch = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="Of which the numbers are.")]
Sequence = Annotated[int, Field(ge=0, le=(1 << 63) - 1)]


class FleetItemKind(StrEnum):
    """What an item is."""

    EVENT = "event"
    SUMMARY = "summary"
    """A session in short, once it has ended."""
    SAMPLES = "samples"
    ERASED = "erased"
    """All of `child` was erased in the chair: the centre erases it, too."""
    WITHHELD = "withheld"
    """It was erased, deleted or is not to leave any more before it was sent."""
    GAP = "gap"
    """From `seq` to `last` nothing comes: the outbox was full, or was turned off."""


class FleetItem(Part):
    """One thing that happened. No text, no name, no code: a child is a number at random."""

    seq: Sequence = Field(ge=1)
    kind: FleetItemKind
    last: Sequence = Field(0, description="Of a gap; else 0.")
    at_ms: int = Field(0, ge=0, le=1 << 53, description="Unix time in ms.")
    child: str = Field("", pattern=r"^([0-9a-f]{16})?$", description="Empty: of the chair alone.")
    session: str = Field("", max_length=64)
    what: str = Field("", max_length=40, description="Which event.")
    data: dict[str, Any] = Field(default_factory=dict)

    @property
    def end(self) -> int:
        """The last number that it covers."""
        return max(self.seq, self.last)


class FleetBatch(Part):
    """Items without a gap between them, the oldest first."""

    v: int = Field(1, ge=1, description="Schema version.")
    epoch: Epoch
    items: tuple[FleetItem, ...] = Field(min_length=1, max_length=MAX_BATCH)

    @model_validator(mode="after")
    def _gapless(self) -> "FleetBatch":
        for one, other in pairwise(self.items):
            if other.seq != one.end + 1:
                raise ValueError(f"items: {other.seq} follows {one.end}")
        return self

    @property
    def first(self) -> int:
        """The first number."""
        return self.items[0].seq

    @property
    def last(self) -> int:
        """The last number."""
        return self.items[-1].end


class FleetAck(Part):
    """What the centre holds for good. It is all that a chair hears from the centre's broker."""

    model_config = ConfigDict(defer_build=False)  # FastAPI looks into it at once

    v: int = Field(1, ge=1, description="Schema version.")
    epoch: Epoch
    up_to: Sequence = Field(description="All up to this number.")


MAX_PEM = 4096


class EnrolmentRequest(Part):
    """A device asks for a certificate. Its key is not in here, and never leaves it."""

    v: int = Field(1, ge=1, description="Schema version.")
    code: str = Field(min_length=1, max_length=40, description="As a technician was given it.")
    request: str = Field(max_length=MAX_PEM, description="A certificate request (PKCS #10), PEM.")


class DeviceCertificate(Part):
    """What the centre has signed: the answer to an enrolment and to a renewal."""

    v: int = Field(1, ge=1, description="Schema version.")
    chair: str = Field(max_length=64, description="The chair's name in the fleet.")
    certificate: str = Field(max_length=MAX_PEM, description="PEM.")
