"""What the house is shown of the chair, and what it may ask of it: nothing that raises."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from calmloop.contract.messages.base import Command, Part, Percent, Proportion, ServiceMessage
from calmloop.contract.messages.camera import CameraCondition
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.safety import AlarmKind, Severity
from calmloop.contract.messages.session import Phase


class HouseAction(StrEnum):
    """All of it lowers, ends or blinds; a stop is a topic of its own."""

    LESS = "less"
    PAUSE = "pause"
    FINISH = "finish"
    CAMERA_OFF = "camera_off"


class HouseCommand(Command):
    """Carries no token, since it can raise nothing."""

    action: HouseAction


class HouseCondition(StrEnum):
    """The chair in one word."""

    OFFLINE = "offline"
    """The chair does not answer."""
    STOPPED = "stopped"
    """A stop is latched until somebody present resets it."""
    WAITING = "waiting"
    """No session could start now."""
    READY = "ready"
    SESSION = "session"
    PAUSED = "paused"


class HouseState(ServiceMessage):
    """Retained; on every change, at most twice a second. Of no child in particular."""

    condition: HouseCondition
    phase: Phase = Phase.IDLE
    emotion: Label = Field(Label.UNKNOWN, description="As the session takes it, not of one frame.")
    confidence: Proportion = 0.0
    intensity_pct: Percent = 0.0
    minutes_left: int = Field(0, ge=0)
    alarms: tuple[AlarmKind, ...] = Field((), description="Those that are on, the worst first.")
    alarm: bool = False
    critical: bool = Field(False, description="One of them is critical.")
    alarm_text: str = Field("", max_length=300, description="Of the worst of them.")
    link: bool = Field(False, description="The chair answers.")
    camera: CameraCondition = CameraCondition.OFF
    services: dict[str, bool] = Field(
        default_factory=dict, description="Of each that was heard: whether it beats and is well."
    )


class HouseEvent(ServiceMessage):
    """An alarm has begun."""

    event_type: AlarmKind
    severity: Severity
    text: str = Field("", max_length=300)


class HouseDevice(Part):
    """Home Assistant's MQTT discovery of one device with all that it shows, in its own keys.

    An empty one takes it away again.
    """

    device: dict[str, Any] | None = None
    origin: dict[str, Any] | None = None
    availability: list[dict[str, Any]] | None = None
    components: dict[str, dict[str, Any]] | None = None


class HouseBirth(Command):
    """The words `online` and `offline`, no JSON; nothing here reads them."""
