"""Finds the face of the child in the chair, follows it and judges whether it can be read.

What tools may use of this stage stands below; each name is loaded when it is first used, since
settings are read without OpenCV.
"""

import os
from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.face_detector.arrays import Gray
    from calmloop.face_detector.detection import Detection, Detector
    from calmloop.face_detector.face_shape import FaceShape, shape_of
    from calmloop.face_detector.frame import JpegFrame
    from calmloop.face_detector.geometry import Square
    from calmloop.face_detector.head_pose import landmark_pose
    from calmloop.face_detector.mesh import MeshNetwork
    from calmloop.face_detector.movement import Movement, MovementReading
    from calmloop.face_detector.reader import FaceReader, Finding, load_detector, steadied
    from calmloop.face_detector.service import FaceDetectorService
    from calmloop.face_detector.settings import FaceDetectorSection, Settings

__all__ = [
    "Detection",
    "Detector",
    "FaceDetectorSection",
    "FaceDetectorService",
    "FaceReader",
    "FaceShape",
    "Finding",
    "Gray",
    "JpegFrame",
    "MeshNetwork",
    "Movement",
    "MovementReading",
    "Settings",
    "Square",
    "landmark_pose",
    "load_detector",
    "shape_of",
    "steadied",
]

__getattr__ = lazy_names(
    __name__,
    {
        "arrays": ("Gray",),
        "detection": ("Detection", "Detector"),
        "face_shape": ("FaceShape", "shape_of"),
        "frame": ("JpegFrame",),
        "geometry": ("Square",),
        "head_pose": ("landmark_pose",),
        "mesh": ("MeshNetwork",),
        "movement": ("Movement", "MovementReading"),
        "reader": ("FaceReader", "Finding", "load_detector", "steadied"),
        "service": ("FaceDetectorService",),
        "settings": ("FaceDetectorSection", "Settings"),
    },
)

LARGEST_FRAME_PX = 4096 * 4096
"""What a frame's header allows. A damaged JPEG can claim to be of any size, and OpenCV would
allocate it; it reads this limit once, when it is first imported."""

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(LARGEST_FRAME_PX))
