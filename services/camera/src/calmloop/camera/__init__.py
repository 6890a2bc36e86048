"""Pictures from a camera, a stream, a file or the simulated child, onto the bus.

A frame stays in memory: nothing here writes one to disk or into a log. What tools may use of this
stage stands below; each name is loaded when it is first used, since settings are read without
OpenCV.
"""

import os
from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.camera.arrays import Picture
    from calmloop.camera.capture import Capture, CapturedFrame
    from calmloop.camera.choices import Rotation
    from calmloop.camera.jpeg import is_cut_jpeg
    from calmloop.camera.picture import encode_jpeg, fit, turned
    from calmloop.camera.settings import CameraSection
    from calmloop.camera.sources import SIMULATED, Source, named_source, open_source
    from calmloop.camera.sources.image_folder import PICTURE_SUFFIXES

__all__ = [
    "PICTURE_SUFFIXES",
    "SIMULATED",
    "CameraSection",
    "Capture",
    "CapturedFrame",
    "Picture",
    "Rotation",
    "Source",
    "encode_jpeg",
    "fit",
    "is_cut_jpeg",
    "named_source",
    "open_source",
    "turned",
]

__getattr__ = lazy_names(
    __name__,
    {
        "capture": ("Capture", "CapturedFrame"),
        "choices": ("Rotation",),
        "jpeg": ("is_cut_jpeg",),
        "arrays": ("Picture",),
        "picture": ("encode_jpeg", "fit", "turned"),
        "settings": ("CameraSection",),
        "sources": ("SIMULATED", "Source", "named_source", "open_source"),
        "sources.image_folder": ("PICTURE_SUFFIXES",),
    },
)

# OpenCV reads these when it is first imported. FFmpeg's own messages may hold an URL with its
# password, so they are off; a V4L2 camera that stays silent must give up its read within 1 s.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
# A forged or careless picture of a folder must not fill the memory: 33 million pixels take 100 MB.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 25))
