"""Settings of the face detector."""

from pathlib import Path

from pydantic import Field, model_validator

from calmloop.base.backends import AUTO, Backends
from calmloop.base.settings import Section, ServiceSettings
from calmloop.contract.messages.base import Proportion
from calmloop.face_detector.detection import DetectorBackend

DETECTORS = Backends(DetectorBackend, "calmloop.face_detector.backends", key="backend")
"""All that `backend` may name: a file each."""


class SeatRegion(Section):
    """Where the head of a child in the chair can be, in parts of the picture."""

    left: Proportion = Field(0.0, description="Edge of the seat region, in picture widths.")
    top: Proportion = Field(0.0, description="The same, in picture heights.")
    right: Proportion = Field(1.0, description="The same, in picture widths.")
    bottom: Proportion = Field(1.0, description="The same, in picture heights.")

    @model_validator(mode="after")
    def _is_not_empty(self) -> "SeatRegion":
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("left must be less than right, and top less than bottom")
        return self


class FollowSection(Section):
    """Which face is the child's, and how often the whole picture is searched."""

    seat: SeatRegion = SeatRegion()
    min_face: float = Field(
        0.13,
        ge=0.03,
        le=0.9,
        description="Smallest face searched for, in picture heights; costs time.",
    )
    search_budget_ms: float = Field(
        100.0, ge=10, le=200, description="Time for a picture; a longer search goes on in the next."
    )
    search_every_s: float = Field(1.0, ge=0.1, le=10.0, description="While a face is followed.")
    rival_search_every_s: float = Field(0.3, ge=0.05, le=10.0, description="While there are two.")
    idle_after_s: float = Field(2.0, ge=0.5, le=60.0, description="Without any face until idle.")
    idle_search_every_s: float = Field(0.25, ge=0.05, le=2.0, description="While idle.")
    confirm_looks: int = Field(3, ge=1, le=10, description="Sightings until a face is believed.")
    hold_s: float = Field(0.5, ge=0.0, le=3.0, description="An unseen face keeps its place.")
    prove_every_s: float = Field(2.0, ge=0.2, le=30.0, description="A kept face must be sure.")
    comparable: float = Field(
        0.6, ge=0.2, le=1.0, description="A second face of this relative width raises doubt."
    )


class QualitySection(Section):
    """Bounds beyond which a face is not read.

    Of FER-2013's training faces, which the network knows, 99.9 % have a sharpness of 230 or more
    and a brightness of 36 to 218; blurred by 1.5 pixels, their median sharpness is 47. They are 48
    pixels wide, the least that the model card asks for. Blurred along one direction by 7, 11 and 15
    pixels, 98.6, 99.9 and 100 % of them have a directional sharpness below 70; of the sharp, 0.4 %.
    """

    min_size_px: float = Field(48.0, ge=16, le=500, description="Width in frame pixels.")
    min_sharpness: float = Field(30.0, ge=0, description="Variance of the Laplacian at 48 px.")
    min_directional_sharpness: float = Field(
        70.0, ge=0, le=1000, description="Mean square of the second derivative, least direction."
    )
    min_brightness: float = Field(30.0, ge=0, le=255, description="Least mean gray level.")
    max_brightness: float = Field(225.0, ge=0, le=255, description="Largest mean gray level.")
    min_frontalness: Proportion = Field(0.2, description="1 frontal, 0 profile.")


class CropSection(Section):
    """The picture that the classifier gets."""

    size_px: int = Field(48, ge=24, le=256, description="Side of the square crop.")
    framing: float = Field(
        1.02,
        ge=0.5,
        le=2.0,
        description="Crop's side in sides of the detector's square; as in the model card.",
    )


class MeshSection(Section):
    """A network that finds 468 points in the followed face; its file is not part of Calmloop."""

    model: Path | None = Field(
        None, description="Path of MediaPipe's face_landmark.tflite; without it, no points."
    )
    every_s: float = Field(
        0.2, ge=0.05, le=1.0, description="How often it looks; less often where it costs much."
    )


@DETECTORS.joined
class FaceDetectorSection(Section):
    """The section `face_detector`, with a part for each detector."""

    backend: str = Field(
        AUTO, description="Auto: YuNet where yunet.model is set, else Viola-Jones."
    )
    search_height_px: int = Field(
        180, ge=60, le=1080, description="JPEGs are decoded at 1/1, 1/2, 1/4 or 1/8 to no less."
    )
    follow: FollowSection = FollowSection()
    quality: QualitySection = QualitySection()
    crop: CropSection = CropSection()
    mesh: MeshSection = MeshSection()


class Settings(ServiceSettings):
    """All settings of the service."""

    face_detector: FaceDetectorSection = FaceDetectorSection()
