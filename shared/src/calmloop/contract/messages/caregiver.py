"""Whether a caregiver is there: what a console hears of touches and commands at its pages."""

from pydantic import Field

from calmloop.contract.messages.base import ServiceMessage


class CaregiverPresence(ServiceMessage):
    """Once a second while a console runs; without one a session goes on as ever."""

    idle_s: float | None = Field(
        None,
        ge=0.0,
        description="Since somebody last touched a caregiver's page, or commanded from one; absent:"
        " nobody has since the console started.",
    )
