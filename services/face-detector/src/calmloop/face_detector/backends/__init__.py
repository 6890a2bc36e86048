"""The face detectors to choose from, one file each."""

from calmloop.face_detector.backends.viola_jones import ViolaJones
from calmloop.face_detector.backends.yunet import YuNet
from calmloop.face_detector.detection import Detector
from calmloop.face_detector.settings import Backend, FaceDetectorSection


def load(section: FaceDetectorSection) -> Detector:
    """The detector that the settings name.

    Raises:
        ConfigurationError: its model file is missing or cannot be read.
    """
    match section.backend:
        case Backend.VIOLA_JONES:
            return ViolaJones(section.viola_jones)
        case Backend.YUNET:
            return YuNet(section.yunet)
