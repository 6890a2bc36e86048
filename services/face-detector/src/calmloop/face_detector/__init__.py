"""Finds the face of the child in the chair, follows it and judges whether it can be read."""

import os

LARGEST_FRAME_PX = 4096 * 4096
"""What a frame's header allows. A damaged JPEG can claim to be of any size, and OpenCV would
allocate it; it reads this limit once, when it is first imported."""

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(LARGEST_FRAME_PX))
