"""A camera that does what the test says."""

import numpy as np

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.camera.arrays import Picture
from calmloop.camera.capture import Capture
from calmloop.camera.settings import CameraSection


class ScriptedSource:
    """A camera that does what the test says."""

    origin = "scripted"
    play_s: float | None = None

    def __init__(self, *, live: bool = True, pace_fps: float | None = None) -> None:
        self.live = live
        self.pace_fps = pace_fps
        self.present = True
        self.ends_after: int | None = None
        self.decodable = True
        self.stuck = False
        self.opened = False
        self.openings = 0
        self.grabbed = 0
        self.decoded = 0

    def open(self) -> None:
        if not self.present:
            raise DeviceError("scripted is not there: plug it in")
        self.opened = True
        self.openings += 1

    def grab(self) -> bool:
        if not self.present:
            raise DeviceError("scripted was unplugged")
        if self.grabbed == self.ends_after:
            return False
        self.grabbed += 1
        return True

    def picture(self) -> Picture | None:
        self.decoded += 1
        value = 100 if self.stuck else 50 + self.grabbed % 100
        return np.full((480, 640, 3), value, np.uint8) if self.decodable else None

    def close(self) -> None:
        self.opened = False


def capture_of(source: ScriptedSource, clock: ManualClock, fps: float = 15.0) -> Capture:
    return Capture(source, CameraSection(fps=fps, frozen_after_s=5.0), clock)
