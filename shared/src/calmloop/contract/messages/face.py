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


class FaceHeader(PipelineMessage):
    """Travels beside the crop: `size_px` x `size_px` uint8 gray, row-major, or no bytes."""

    size_px: int = Field(ge=0, le=512, description="Side of the square crop; 0 without a face.")
    reason: NoFaceReason | None = Field(None, description="Why there is no crop.")
    quality: FaceQuality | None = None


class FaceState(PipelineMessage):
    """The detector's verdict on one frame."""

    count: int = Field(ge=0, description="Faces in view, as of the last full search.")
    box: Box | None = Field(None, description="The subject's face; none when not usable.")
    quality: FaceQuality | None = None
    reason: NoFaceReason | None = None
    detector: str = Field("", max_length=64, description="Backend that looked.")
    skipped: int = Field(0, ge=0, description="Frames passed over because newer ones had come.")
