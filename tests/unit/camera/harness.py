"""The camera service on a bus in memory, turned by the test."""

from collections.abc import Callable

import structlog

from calmloop.base.clock import ManualClock
from calmloop.camera.service import CameraService
from calmloop.camera.settings import CameraSection, Settings
from calmloop.contract import topics
from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.topics import Account
from calmloop.service.runtime import Context, Health
from tests.doubles import CHAIR, MemoryTransport, memory_bus

TURNS = 500


class Harness:
    """A camera service, its bus and its clock; each turn is a tenth of a second."""

    def __init__(self, **camera: object) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.CAMERA, self.clock)
        settings = Settings(camera=CameraSection.model_validate(camera))
        log = structlog.get_logger("camera")
        self.service = CameraService(Context(settings, self.bus, self.clock, log))

    def turn(self) -> Health:
        self.clock.advance(0.1)
        self.bus.wait(0.02)
        self.bus.dispatch()
        return self.service.turn()

    def until(self, done: Callable[[], bool]) -> None:
        """Turns until `done`; the capture thread works beside it in real time."""
        for _ in range(TURNS):
            if done():
                return
            self.turn()
        raise AssertionError("it did not come about")

    @property
    def states(self) -> list[CameraState]:
        return self.transport.messages(topics.CAMERA_STATE)

    def condition(self) -> CameraCondition | None:
        return self.states[-1].condition if self.states else None

    def frames(self) -> int:
        return len(self.transport.messages(topics.CAMERA_FRAME))


def retained_state(transport: MemoryTransport, *, enabled: bool) -> None:
    state = CameraState(condition=CameraCondition.OFF, enabled=enabled)
    name = topics.CAMERA_STATE.name(CHAIR)
    transport.inject(name, state.model_dump_json().encode(), retain=True)
