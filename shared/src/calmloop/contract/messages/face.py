"""What the face detector sees: a box, its quality, or the reason why no face is usable."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import Part, PipelineMessage, Proportion


class NoFaceReason(StrEnum):
    """Why a frame has no usable face."""

    NO_FACE = "no_face"
    SEARCHING = "searching"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    TOO_BLURRED = "too_blurred"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    NOT_FRONTAL = "not_frontal"
    BAD_FRAME = "bad_frame"


class Box(Part):
    """A rectangle in pixels of the camera's frame, origin at the top left."""

    x_px: float
    y_px: float
    width_px: float = Field(gt=0)
    height_px: float = Field(gt=0)


class FaceQuality(Part):
    """Measured on the face's crop."""

    size_px: float = Field(ge=0, description="Width of the face's box in frame pixels.")
    sharpness: float = Field(ge=0, description="Variance of the Laplacian of the gray crop.")
    directional_sharpness: float | None = Field(
        None, ge=0, description="Along the direction in which it is least: motion blur lowers it."
    )
    brightness: float = Field(ge=0, le=255, description="Mean gray level of the crop.")
    frontalness: Proportion = Field(description="1 frontal; as far as the detector can tell.")


class SeatPresence(StrEnum):
    """Where the face is that is followed. Place and size alone tell: this is no recognition."""

    HERE = "here"
    REPLACED = "replaced"
    """Here, and another one than was followed up to ten seconds ago."""
    LOST = "lost"
    """Not found now, for ten seconds at most: covered, turned away, or gone unnoticed."""
    LEFT = "left"
    """Not in the seat region now: it was on its way out of it, or is seen outside."""
    ABSENT = "absent"
    """None was followed in the last ten seconds."""


class HeadPose(Part):
    """How the head is turned, roughly.

    From five landmarks and a head of usual proportions, it is off by ten degrees or so, more for
    other proportions, and a tilt of 30 reads as 20: changes tell more than the values. Where `mesh`
    is there it is from the mesh, and off by two or three, a nod by a third of itself.
    """

    yaw_deg: float = Field(ge=-90, le=90, description="Turned; positive to the picture's right.")
    pitch_deg: float = Field(ge=-90, le=90, description="Nodded; positive downwards.")
    roll_deg: float = Field(ge=-180, le=180, description="Tilted; positive is clockwise.")


class FaceMesh(Part):
    """How open eyes and mouth are, by the points of a mesh; absent where it does not tell.

    An aspect ratio is the mean height of the opening in its widths (Soukupová and Čech, 2016), the
    width in three dimensions, so that a turned head seems no narrower.
    """

    eye_aspect_ratio: float = Field(
        ge=0, le=2, description="Mean of both eyes: 0.1 to 0.19 shut, 0.25 to 0.4 open."
    )
    mouth_aspect_ratio: float = Field(
        ge=0, le=2, description="Gap between the lips: below 0.15 shut, 0.3 to 0.8 wide open."
    )
    age_s: float = Field(ge=0, description="How long before this frame the mesh looked.")


class FaceHeader(PipelineMessage):
    """Travels beside the crop: `size_px` x `size_px` uint8 gray, row-major, or no bytes."""

    size_px: int = Field(ge=0, le=512, description="Side of the square crop; 0 without a face.")
    reason: NoFaceReason | None = Field(None, description="Why there is no crop.")
    quality: FaceQuality | None = None
    track_id: str | None = Field(
        None, max_length=32, description="The face that is followed, as in `face/state`."
    )


class FaceState(PipelineMessage):
    """The detector's verdict on one frame."""

    count: int = Field(ge=0, description="Faces in view, as of the last full search.")
    box: Box | None = Field(None, description="The subject's face; none when not usable.")
    quality: FaceQuality | None = None
    reason: NoFaceReason | None = None
    detector: str = Field("", max_length=64, description="Backend that looked.")
    skipped: int = Field(0, ge=0, description="Frames passed over because newer ones had come.")
    track_id: str | None = Field(
        None,
        max_length=32,
        description="The face that is followed, or was until ten seconds ago, usable or not: the"
        " same as long as it is followed, or found again at its place and size within 10 s.",
    )
    presence: SeatPresence | None = Field(None, description="Where that face is.")
    unseen_s: float | None = Field(
        None,
        ge=0.0,
        description="The longest that it was out of sight and then taken for the same; somebody"
        " else may have taken the seat meanwhile. Absent while it was followed without a break.",
    )
    head_pose: HeadPose | None = Field(
        None, description="Absent where neither landmarks nor a mesh tell it."
    )
    mesh: FaceMesh | None = Field(None, description="Absent without a mesh, or where it is unsure.")
    eyes_closed: bool | None = Field(
        None,
        description="Absent without a mesh, and where it cannot tell: turned too far, half closed,"
        " not sure of the face. It tells of the frame `mesh.age_s` ago.",
    )
