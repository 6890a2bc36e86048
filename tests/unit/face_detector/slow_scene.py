"""A face detector in its real loop on a slow processor: every step takes its time on our clock."""

import math
from collections import deque
from collections.abc import Iterator
from typing import Any

import structlog

from calmloop.base.clock import ManualClock
from calmloop.bus.bus import Bus
from calmloop.camera.arrays import Picture
from calmloop.camera.picture import encode_jpeg
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.messages.face import FaceState
from calmloop.contract.topics import Account
from calmloop.face_detector import load_detector
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.detection import Detection, Detector
from calmloop.face_detector.service import FaceDetectorService
from calmloop.face_detector.settings import FaceDetectorSection, Settings
from calmloop.service.runtime import Context, Loop
from tests.doubles import CHAIR, MemoryTransport

CAMERA_FPS = 15
WINDOW_US = 0.47
"""Processor time of Viola-Jones for a window, measured on the clips at full speed: a full search of
320 x 180 takes 51 ms and one of 320 x 240 takes 60 ms."""
YUNET_WIDE_MS, YUNET_PART_MS = 12.0, 4.0
"""Of YuNet for a wide picture and for a part."""


class TimedDetector:
    """A detector whose every call takes `slowdown` times its usual time on the clock."""

    def __init__(self, inner: Detector, clock: ManualClock, slowdown: float) -> None:
        self._inner = inner
        self._clock = clock
        self._slowdown = slowdown
        self.name = inner.name
        self.rolls_deg = inner.rolls_deg
        self.is_divisible = inner.is_divisible

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        cost_ms = self._cost_ms(gray, min_px, max_px)
        self._clock.advance(self._slowdown * cost_ms / 1000)
        return self._inner.detect(gray, min_px, max_px, roll_deg)

    def _cost_ms(self, gray: Gray, min_px: float, max_px: float) -> float:
        if not self.is_divisible:
            return YUNET_WIDE_MS if min_px < max(gray.shape) / 4 else YUNET_PART_MS
        first = max(0, math.ceil(math.log(min_px / 20, 1.1)))
        last = math.floor(math.log(max(max_px, 20) / 20, 1.1))
        scales = [1.1**n for n in range(first, last + 1)]
        windows = sum(gray.size / s**2 / (4 if s <= 2 else 1) for s in scales)
        return WINDOW_US * windows / 1000


class CameraTransport(MemoryTransport):
    """Delivers pictures as the camera takes them, while the loop waits or works."""

    def __init__(self, clock: ManualClock, pictures: Iterator[Picture | None]) -> None:
        super().__init__()
        self._clock = clock
        self._pictures = pictures
        self._due_ns = clock.monotonic_ns()
        self._taken: deque[tuple[int, Picture | None]] = deque()
        self._number = 0

    def wait(self, timeout_s: float) -> None:
        now_ns = self._clock.monotonic_ns()
        pause_s = min(timeout_s, (self._due_ns - now_ns) / 1e9)
        if pause_s > 0:
            self._clock.advance(pause_s)
        while self._due_ns <= self._clock.monotonic_ns():
            self._deliver()

    def _deliver(self) -> None:
        picture, captured_ns = next(self._pictures), self._due_ns
        self._number += 1
        self._due_ns += round(1e9 / CAMERA_FPS)
        if picture is None:
            return
        height_px, width_px = picture.shape[:2]
        header = FrameHeader(
            frame_seq=self._number,
            captured_ns=captured_ns,
            width_px=width_px,
            height_px=height_px,
        )
        self.send(topics.CAMERA_FRAME, header, data=encode_jpeg(picture, 85))


class SlowScene:
    """The service, its loop and its camera; `run` lets time pass.

    Attributes:
        late_turns: Turns of more than 300 ms so far.
        longest_turn_s: The longest turn of the last `run`, its wait included.
        transport: The broker: what was sent, and what others send.
    """

    def __init__(
        self, section: FaceDetectorSection, slowdown: float, pictures: Iterator[Picture | None]
    ) -> None:
        self.clock = ManualClock()
        self.longest_turn_s = 0.0
        self.transport = CameraTransport(self.clock, pictures)
        self._bus = Bus(
            self.transport,
            chair_id=CHAIR,
            service=Account.FACE_DETECTOR,
            instance="test",
            clock=self.clock,
        )
        settings = Settings.model_construct(face_detector=section)
        context: Context[Any] = Context(
            settings, self._bus, self.clock, structlog.get_logger("test")
        )
        detector = TimedDetector(load_detector(section), self.clock, slowdown)
        service = FaceDetectorService(context, detector)
        self._bus.start()
        self._loop = Loop(self._bus, service, self.clock, None)

    @property
    def late_turns(self) -> int:
        return self._bus.counters["late_turns"]

    def run(self, seconds: float) -> list[FaceState]:
        """Lets `seconds` pass; returns what the service said meanwhile."""
        said = len(self.transport.messages(topics.FACE_STATE))
        ends_s = self.now_s() + seconds
        self.longest_turn_s = 0.0
        while (began_s := self.now_s()) < ends_s:
            self._loop.turn()
            self.longest_turn_s = max(self.longest_turn_s, self.now_s() - began_s)
        return self.transport.messages(topics.FACE_STATE)[said:]

    def now_s(self) -> float:
        return self.clock.monotonic_ns() / 1e9

    def stop_process(self, seconds: float) -> None:
        """The process does not run for a while; the camera goes on."""
        self.clock.advance(seconds)
