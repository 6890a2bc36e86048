"""The face detector as on a slower processor: `python -m calmloop.demo.slow_detector 4`.

An entry point of its own around the service, so that nothing in the product can be left slow.
"""

import sys
import time
from collections.abc import Callable

import cv2

from calmloop.contract.topics import Account
from calmloop.face_detector import (
    Detection,
    Detector,
    FaceDetectorService,
    Gray,
    Settings,
    load_detector,
)
from calmloop.service.runtime import Context, run


class SlowedDetector:
    """A detector whose every call takes longer than it needs."""

    def __init__(self, inner: Detector, spend: Callable[[float], None]) -> None:
        """Takes what to do, after each call, with the processor seconds that it has used."""
        self._inner = inner
        self._spend = spend
        self.name = inner.name
        self.rolls_deg = inner.rolls_deg
        self.is_divisible = inner.is_divisible

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        """See `Detector.detect`."""
        began_s = time.thread_time()
        found = self._inner.detect(gray, min_px, max_px, roll_deg)
        self._spend(time.thread_time() - began_s)
        return found


def main(slowdown: float) -> int:
    """Runs the service with a detector that takes `slowdown` times its time; returns its code."""

    def build(context: Context[Settings]) -> FaceDetectorService:
        inner = load_detector(context.settings.face_detector)
        slowed = SlowedDetector(inner, lambda used_s: time.sleep((slowdown - 1) * used_s))
        return FaceDetectorService(context, slowed)

    cv2.setNumThreads(1)
    return run(Account.FACE_DETECTOR, Settings, build)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
