"""The `fer` package's own video loop over one clip. Runs in `.venv-bench`, prints one JSON line.

A script of its own: its environment holds the peer and nothing of ours.
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import cv2
from fer.classes import Video
from fer.fer import FER

# The loop asks for a key after each frame, which OpenCV without windows cannot do. Answering
# "none" at once spares the peer that time.
setattr(cv2, "waitKey", lambda _delay=0: -1)  # noqa: B010
setattr(cv2, "destroyAllWindows", lambda: None)  # noqa: B010


def main(clip: str, threads: int) -> None:
    """Analyses the clip once, with nothing saved or drawn."""
    cv2.setNumThreads(threads)
    detector = FER(mtcnn=False)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        video = Video(clip, outdir=folder)
        began_s, began_cpu_s = time.monotonic(), _cpu_s()
        found = video.analyze(
            detector,
            output="pandas",
            save_frames=False,
            save_video=False,
            annotate_frames=False,
            zip_images=False,
        )
        frames = max(video.frameCount, 1)
        measured = {
            "frames": video.frameCount,
            "faces": len(found),
            "cpu_ms_per_frame": 1000 * (_cpu_s() - began_cpu_s) / frames,
            "wall_ms_per_frame": 1000 * (time.monotonic() - began_s) / frames,
        }
    print(json.dumps(measured))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()), int(sys.argv[2]))
