"""OpenCV and numpy, loaded when they are first used: settings are read without them.

What the settings import takes them from here: the sources' files, and what those import.
"""

from typing import TYPE_CHECKING, Any

from calmloop.base.lazy import lazy_module

if TYPE_CHECKING:
    import cv2
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    """Height x width x 3, BGR."""
else:
    cv2, np = lazy_module("cv2"), lazy_module("numpy")
    Picture = Any

__all__ = ["Picture", "cv2", "np"]
