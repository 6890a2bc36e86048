"""Which detector and which network look at pictures: the options that commands have in common."""

from pathlib import Path
from typing import Annotated

import typer

from calmloop.camera import Rotation
from calmloop.emotion_classifier import EmotionClassifierSection
from calmloop.face_detector import FaceDetectorSection

ModelOption = Annotated[Path | None, typer.Option(help="Another .tflite with its card.")]
YuNetOption = Annotated[Path | None, typer.Option(help="Detect with this YuNet ONNX file.")]
RotateOption = Annotated[
    Rotation, typer.Option(help="Degrees clockwise that make the pictures upright.")
]


def detector_with(yunet: Path | None) -> FaceDetectorSection:
    """The settings' own detector, or YuNet with this file."""
    if yunet is None:
        return FaceDetectorSection()
    return FaceDetectorSection.model_validate({"backend": "yunet", "yunet": {"model": yunet}})


def classifier_with(model: Path | None) -> EmotionClassifierSection:
    """The shipped network, or this one."""
    return EmotionClassifierSection() if model is None else EmotionClassifierSection(model=model)
