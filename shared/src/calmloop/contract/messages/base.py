"""The two kinds of message: between services with an envelope, from people without."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Percent = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]
Proportion = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class Part(BaseModel):
    """A piece of a message. Unknown fields are ignored, since fields are only ever added.

    NaN and Infinity, which readers of JSON take although it has none, are refused everywhere.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, defer_build=True)


class ServiceMessage(Part):
    """A message that one service sends to others.

    The bus fills in the envelope when it publishes: a service leaves these fields alone.
    """

    v: int = Field(1, ge=1, description="Schema version.")
    source: str = Field("", max_length=64, description="Service and instance that sent it.")
    seq: int = Field(0, ge=0, description="Counts this source's messages on this topic.")
    host_boot_id: str = Field("", max_length=64, description="The sender's kernel boot id.")
    at_ns: int = Field(0, ge=0, description="CLOCK_MONOTONIC of the sender, in ns; one host only.")
    time: str = Field("", max_length=40, description="RFC 3339, UTC; for people.")


class SignalKind(StrEnum):
    """What a signal comes from: only a live one is of the child who sits in the chair."""

    LIVE = "live"
    RECORDED = "recorded"
    SIMULATED = "simulated"


class PipelineMessage(ServiceMessage):
    """A message that comes from one camera frame."""

    frame_seq: int = Field(ge=0, description="The `seq` of the camera frame it comes from.")
    captured_ns: int = Field(ge=0, description="CLOCK_MONOTONIC at capture, in ns.")
    captured_on: str = Field("", max_length=64, description="The camera's kernel boot id.")
    camera_kind: SignalKind | None = Field(None, description="What the frame shows.")

    @property
    def frame(self) -> dict[str, Any]:
        """What identifies the frame, for all that is made of it."""
        return self.model_dump(include={"frame_seq", "captured_ns", "captured_on", "camera_kind"})


class Command(BaseModel):
    """A command that a person types. Unknown fields are refused: a typo must not be obeyed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)
