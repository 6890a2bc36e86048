"""What a console knows of the people at its pages: whether one is there, what they decided."""

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
    face_ground: bool = Field(
        False,
        description="A technician has recorded a medical or safety ground to read faces, where"
        " they may be read on one alone.",
    )
