"""How slow a processor may be: the slowdown at which a detector still gives enough readings.

Time is reckoned, not waited for: what the detector costs here is counted as many times as the
slower processor would take, against the camera's time.
"""

import time
from pathlib import Path

import cv2

from calmloop.annotate.video import frame_times, pictures_of
from calmloop.base.clock import ManualClock, monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.camera import CameraSection, encode_jpeg, fit
from calmloop.demo.slow_detector import SlowedDetector
from calmloop.face_detector import FaceDetectorSection, FaceReader, load_detector

ENOUGH_A_SECOND = 5.0
STEP = 1.25
MAX_SLOWDOWN = 64.0
SETTLE_S, COUNT_S = 4.0, 8.0
"""A face is given the first to be found, and readings are counted in the second."""

Frames = list[tuple[bytes, int]]
"""JPEG and height in pixels of each frame, at the camera's rate."""


def slowest(source: str, section: FaceDetectorSection) -> float:
    """The largest slowdown, in steps of 1.25, with 5 readings a second; 0 if there is none.

    Raises:
        DeviceError: the clip gives no frame.
    """
    cv2.setNumThreads(1)
    frames = frames_of(Path(source))
    held = 0.0
    for step in (2.0, STEP):
        slowdown = max(1.0, step * held)
        while slowdown <= MAX_SLOWDOWN and rate(frames, section, slowdown) >= ENOUGH_A_SECOND:
            held, slowdown = slowdown, step * slowdown
    return held


def rate(frames: Frames, section: FaceDetectorSection, slowdown: float) -> float:
    """Readings a second on a processor that is so many times slower than this one."""
    clock, used = ManualClock(0.0), _Used()

    def spend(used_s: float) -> None:
        used.detector_s += used_s
        clock.advance(slowdown * used_s)

    reader = FaceReader(SlowedDetector(load_detector(section), spend), section, clock)
    fps, last, readings = CameraSection().fps, -1, 0
    while (now_s := monotonic_s(clock)) < SETTLE_S + COUNT_S:
        number = int(now_s * fps + 1e-6)
        if number == last:
            clock.advance((number + 1) / fps - now_s)
            continue
        last, before_s, began_s = number, used.detector_s, time.thread_time()
        finding = reader.read(*frames[number % len(frames)], number / fps)
        rest_s = time.thread_time() - began_s - (used.detector_s - before_s)
        clock.advance(slowdown * rest_s)
        readings += finding.crop is not None and now_s >= SETTLE_S
    return readings / COUNT_S


class _Used:
    """Processor seconds that the detector has taken so far."""

    detector_s = 0.0


def frames_of(path: Path) -> Frames:
    """A clip's frames as the camera would send them, 12 s at most."""
    camera = CameraSection()
    times, frames, due_s = frame_times(path), Frames(), 0.0
    for picture, at_s in zip(pictures_of(path), times, strict=False):
        if len(frames) >= (SETTLE_S + COUNT_S) * camera.fps:
            break
        if picture is None or at_s < due_s - 1e-3:
            continue
        due_s += 1 / camera.fps
        small = fit(picture, camera.width_px, camera.height_px)
        frames.append((encode_jpeg(small, camera.jpeg_quality), small.shape[0]))
    if not frames:
        raise DeviceError(f"{path} gives no frame: name another video file")
    return frames
