"""The same cores in one process, without a bus: the bound that the loop is measured against."""

import random
import time
from dataclasses import dataclass

from calmloop.annotate.reading import PictureReader
from calmloop.base.clock import Clock, SystemClock
from calmloop.base.errors import DeviceError
from calmloop.camera import CameraSection, Capture, CapturedFrame, encode_jpeg, open_source
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.session import Mode, OverrideState
from calmloop.demo.report import Latency
from calmloop.emotion_classifier import EmotionClassifierSection
from calmloop.face_detector import FaceDetectorSection
from calmloop.scenario_selector import (
    Choice,
    Chooser,
    Learned,
    Plan,
    Profile,
    Session,
    Tuning,
    load_scenarios,
)

NS_PER_S = 1e9


@dataclass(frozen=True)
class OneProcess:
    """What the cores cost by themselves.

    Attributes:
        cpu_ms_per_frame: Reading the clip, detector, classifier and engine; without `encode_ms`.
        encode_ms_per_frame: Encoding the JPEG, which only a bus needs; timed apart.
        latency: From a frame's capture to its setpoint, without the encoding.
    """

    frames: int
    cpu_ms_per_frame: float
    encode_ms_per_frame: float
    latency: Latency


class Cores:
    """Detector, classifier and engine, called one after another."""

    def __init__(self, clock: Clock) -> None:
        """Takes the clock that bounds a frame's search."""
        self._perception = PictureReader(FaceDetectorSection(), EmotionClassifierSection(), clock)
        self._session = _session()
        self._turned_s = time.monotonic()
        self.frames = 0

    def step(self, jpeg: bytes, frame: CapturedFrame) -> EmotionState:
        """One frame, up to its setpoint; what was read in it."""
        self.frames += 1
        height_px = frame.picture.shape[0]
        answer = self._perception.see_jpeg(jpeg, height_px, frame.captured_ns / NS_PER_S)
        reading = answer.reading
        state = EmotionState(
            frame_seq=self.frames,
            captured_ns=frame.captured_ns,
            label=answer.label,
            confidence=0.0 if reading is None else reading.confidence,
            valence=0.0 if reading is None else reading.valence,
        )
        now_s = time.monotonic()
        self._session.add_reading(state, now_s)
        self._session.turn(now_s, now_s - self._turned_s)
        self._turned_s = now_s
        _ = self._session.stimulus
        return state


def measure(source: str, seconds: float) -> OneProcess:
    """Runs the cores over a clip at the loop's own pace.

    Raises:
        DeviceError: the clip gives no frame.
    """
    clock = SystemClock()
    cores = Cores(clock)
    section = CameraSection(source=source)
    capture = Capture(open_source(section, clock), section, clock)
    latencies_ns: list[int] = []
    encoding_ns = 0
    ends_s = time.monotonic() + seconds
    began_cpu_ns = time.process_time_ns()
    while time.monotonic() < ends_s:
        wait_s = capture.step()
        frame = capture.pop()
        if frame is None:
            time.sleep(wait_s)
            continue
        before_ns, before_cpu_ns = clock.monotonic_ns(), time.process_time_ns()
        jpeg = encode_jpeg(frame.picture, section.jpeg_quality)
        encoding_ns += time.process_time_ns() - before_cpu_ns
        skipped_ns = clock.monotonic_ns() - before_ns
        cores.step(jpeg, frame)
        latencies_ns.append(clock.monotonic_ns() - frame.captured_ns - skipped_ns)
    used_ns = time.process_time_ns() - began_cpu_ns - encoding_ns
    latency = Latency.of(latencies_ns)
    if latency is None:
        raise DeviceError(f"{source} gave no frame: {capture.report().reason}")
    return OneProcess(
        frames=cores.frames,
        cpu_ms_per_frame=used_ns / 1e6 / cores.frames,
        encode_ms_per_frame=encoding_ns / 1e6 / cores.frames,
        latency=latency,
    )


def _session() -> Session:
    allowed = sorted(load_scenarios(None).values(), key=lambda item: item.title)
    plan = Plan(
        session_id="bench",
        code="default",
        profile=Profile(),
        mode=Mode.ADAPTIVE,
        minutes=30,
        allowed=allowed,
        choice=Choice(allowed[0], "", ()),
        chooser=Chooser(allowed, Learned(), random.Random(1)),
    )
    session = Session(plan, Tuning(warm_up_s=0.0), OverrideState(), time.monotonic())
    session.begin(time.monotonic())
    return session
