"""What every service says of itself, and what it says of messages it refused."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import ServiceMessage


class Presence(StrEnum):
    """For people's eyes; safety uses heartbeats."""

    ONLINE = "online"
    STOPPED = "stopped"
    OFFLINE = "offline"


class ServiceStatus(ServiceMessage):
    """Retained for 30 s, refreshed every 10 s; `offline` is the last will."""

    service: str
    instance: str
    presence: Presence
    version: str = ""
    counters: dict[str, int] = Field(default_factory=dict, description="Dropped, refused, failed.")


class Heartbeat(ServiceMessage):
    """Sent by the working loop itself at 2 Hz: a loop that hangs stops beating."""

    service: str
    instance: str
    run: str = Field("", max_length=64, description="Tells processes of one name apart.")
    healthy: bool
    waits_for: str = Field("", max_length=200, description="What it lacks, in plain words.")


class RejectedMessage(ServiceMessage):
    """A message that was refused: never with bytes of a picture."""

    topic: str = Field(max_length=256)
    reason: str = Field(max_length=400)
    head: str = Field("", max_length=200, description="First bytes, escaped; empty for pictures.")
