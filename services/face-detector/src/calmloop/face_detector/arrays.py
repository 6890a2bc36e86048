"""OpenCV and numpy, loaded when they are first used: settings are read without them.

What the settings import takes them from here: the detectors' files, and what those import.
"""

from typing import TYPE_CHECKING, Any

from calmloop.base.lazy import lazy_module

if TYPE_CHECKING:
    import cv2
    import numpy as np
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]
    """Gray picture, shape (height, width), 0 black to 255 white."""
else:
    cv2, np = lazy_module("cv2"), lazy_module("numpy")
    Gray = Any

__all__ = ["Gray", "cv2", "np"]
