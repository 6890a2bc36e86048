"""Pictures from a camera, a stream, a file or the simulated child, onto the bus.

A frame stays in memory: nothing here writes one to disk or into a log.
"""

import os

# OpenCV reads these when it is first imported. FFmpeg's own messages may hold an URL with its
# password, so they are off; a V4L2 camera that stays silent must give up its read within 1 s.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
# A forged or careless picture of a folder must not fill the memory: 33 million pixels take 100 MB.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 25))
