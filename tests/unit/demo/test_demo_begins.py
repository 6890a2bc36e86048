"""A run of the demo counts from its beginning, also from its second one."""

from types import SimpleNamespace
from typing import Any

from calmloop.contract.messages.face import FaceState
from calmloop.contract.topics import SERVICES, Account
from calmloop.demo.report import DemoReport
from calmloop.demo.run import Demo


def test_what_came_before_the_beginning_does_not_count() -> None:
    stack: Any = SimpleNamespace(
        broker=SimpleNamespace(port=1),
        accounts=SERVICES,
        restarts={},
        cpu_s=lambda: {Account.CAMERA: 1.0},
    )
    demo = Demo(stack, DemoReport(source="sim", chair="posix", seconds=1.0))
    face = FaceState(frame_seq=1, captured_ns=1, count=0, quality=None, reason=None, detector="")
    for frames in (2, 3):
        demo.begin()
        for _ in range(frames):
            demo.tally.receive(face, 0.0)
        assert demo.report().frames == frames
