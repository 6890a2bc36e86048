"""How much the child moves, or why that cannot be told."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import Percent, Proportion, ServiceMessage, SignalKind


class NoMovementReason(StrEnum):
    """Why the movement is not known. None of them means that the child is still."""

    NO_PICTURE = "no_picture"
    """None, or none that can be read, for half a second."""
    STARTING = "starting"
    """Too few pictures yet to compare."""
    NO_FACE = "no_face"
    """For ten seconds: where the seat is in the picture is not known."""
    OUT_OF_VIEW = "out_of_view"
    """The camera shows too little below the face."""
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    NO_CONTRAST = "no_contrast"
    """Nothing in the seat stands out from the rest, or from the camera's noise."""
    FROZEN = "frozen"
    """The same picture again and again."""
    JUMPED = "jumped"
    """Nearly all of the picture changed at once, within the last second."""


class MovementState(ServiceMessage):
    """What was seen in the last second, about five times a second.

    Shares are of the contrast of the seat's region, below the face. Where `reason` is set, they are
    absent; `head_speed` is absent too, unless a face was followed meanwhile.
    """

    head_speed: float | None = Field(
        None, ge=0.0, le=1000.0, description="Mean speed of the head, in face widths a second."
    )
    log_energy: float | None = Field(
        None,
        ge=0.0,
        le=4.0,
        description="Motion energy after what is taken off, as log10(1 + energy / 0.001):"
        " 0 still, 0.3 to 1 a seated person, 3 all of the seat's picture changes.",
    )
    energy: Proportion | None = Field(
        None,
        description="Motion energy, nothing taken off: the share of the contrast that changes.",
    )
    noise: Proportion | None = Field(None, description="Of it, taken off as the camera's noise.")
    vibration: Proportion | None = Field(
        None, description="Of it, taken off as what the chair's vibration adds: 0.005 at most."
    )
    vibration_pct: Percent | None = Field(
        None, description="What the chair said it applies; absent when it said nothing lately."
    )
    reason: NoMovementReason | None = Field(None, description="Why the energy is not known.")
    camera_kind: SignalKind | None = Field(None, description="What the newest picture shows.")
    age_s: float | None = Field(
        None, ge=0.0, description="Of the newest picture; absent before the first."
    )
    frame_seq: int | None = Field(None, ge=0, description="The `seq` of the newest picture.")
