"""The face detectors to choose from, one file each."""

from calmloop.face_detector.backends.viola_jones import ViolaJones
from calmloop.face_detector.backends.yunet import YuNet
from calmloop.face_detector.detection import Detector
from calmloop.face_detector.settings import Backend, FaceDetectorSection


def load_detector(section: FaceDetectorSection) -> Detector:
    """The detector that the settings name; a model that is set and cannot be used is an error.

    Raises:
        ConfigurationError: its model file is missing, damaged, or of another network.
    """
    match section.backend:
        case Backend.VIOLA_JONES:
            return ViolaJones(section.viola_jones)
        case Backend.YUNET:
            return YuNet(section.yunet)
        case Backend.AUTO:
            has_model = section.yunet.model is not None
            return YuNet(section.yunet) if has_model else ViolaJones(section.viola_jones)
