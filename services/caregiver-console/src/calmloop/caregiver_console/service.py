"""The console on the bus: states go to the pages, what a page asks goes to the services."""

from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

import structlog

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Received
from calmloop.caregiver_console.actors import Actor
from calmloop.caregiver_console.app import application
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.board import Board
from calmloop.caregiver_console.desk import CommandDesk
from calmloop.caregiver_console.events import EventHub
from calmloop.caregiver_console.face_rule import FaceRule
from calmloop.caregiver_console.lockout import Lockout
from calmloop.caregiver_console.logins import Logins
from calmloop.caregiver_console.missing import SeenStates
from calmloop.caregiver_console.pages import PageShelf
from calmloop.caregiver_console.people import UserFile
from calmloop.caregiver_console.rate import AddressRate
from calmloop.caregiver_console.requests import HeldStates, Order
from calmloop.caregiver_console.server import ConsoleServer
from calmloop.caregiver_console.settings import Settings
from calmloop.caregiver_console.views import SHOWN
from calmloop.contract import topics
from calmloop.contract.messages.base import Part
from calmloop.contract.messages.camera import CameraSet, CameraState
from calmloop.contract.messages.safety import Alarm, AlarmKind
from calmloop.contract.topics import AnyTopic
from calmloop.service.runtime import Context, Health

TELL_S = 1.0
SWITCH_OFF_S = 5.0
"""How often a camera that must not see is told so."""
STOP_PAYLOAD = b"caregiver-console"
PartT = TypeVar("PartT", bound=Part)


class CaregiverConsoleService:
    """Serves the pages; without it the chair is as safe as with it."""

    period_s = 0.1

    def __init__(self, context: Context[Settings]) -> None:
        section = context.settings.caregiver_console
        self._bus, self._clock, self._log = context.bus, context.clock, context.log
        self._board = Board(context.clock)
        self._rule = FaceRule(section.use_context, section.data_dir)
        self._desk = CommandDesk(
            context.clock,
            publish=self._publish,
            publish_stop=lambda: self._bus.publish_stop(STOP_PAYLOAD),
            wake=context.bus.wake,
            face_refusal=lambda: self._rule.refusal,
        )
        self._shelf = PageShelf(section.page_dir or built_pages())
        self._users = UserFile(section.data_dir)
        backstage = Backstage(
            clock=context.clock,
            board=self._board,
            desk=self._desk,
            hub=EventHub(self._board),
            shelf=self._shelf,
            users=self._users,
            logins=Logins(context.clock, self._users),
            lockout=Lockout(context.clock),
            rate=AddressRate(context.clock),
            rule=self._rule,
            seen=self._seen,
            record=self._record,
            secure=section.tls_certificate_file is not None,
        )
        self._server = ConsoleServer(application(backstage, section.host_names), section)
        self._told_s = self._switched_off_s = float("-inf")
        for topic in SHOWN:
            self._bus.subscribe(topic, self._taking(topic), latest_only=True)
        self._server.start()
        self._log.info("serves", port=self._server.port, tls=backstage.secure)

    def turn(self) -> Health:
        """Sends what was asked for, and tells the pages how this process does."""
        for request, actor, answer in self._desk.turn(self._held()):
            details = {"id": request.id, "outcome": answer.outcome}
            self._record(actor, request.command, details | request.arguments)
        now_s = monotonic_s(self._clock)
        if now_s - self._told_s >= TELL_S:
            self._told_s = now_s
            self._board.put_server(self._told_of_server())
        self._keep_camera_off(now_s)
        if self._server.crashed:
            raise DeviceError("the web server has ended: see the traceback above")
        return Health()

    def discard(self) -> None:
        """Refuses what waits, but stops."""
        self._desk.discard()

    def close(self) -> None:
        """Ends the server."""
        self._server.close()

    def _taking(self, topic: AnyTopic) -> Any:
        prefix = len(f"{topics.ROOT}/{self._bus.chair_id}/")

        def take(received: Received[Any]) -> None:
            self._board.put(received.name[prefix:], topic, received.message)

        return take

    def _publish(self, order: Order) -> None:
        self._bus.publish(order.topic, order.message, data=b"", **order.fields)

    def _held(self) -> HeldStates:
        return HeldStates(
            session=self._newest(topics.SESSION_STATE), stop=self._newest(topics.STOP_STATE)
        )

    def _seen(self) -> SeenStates:
        alarms = (self._board.get(topics.ALARM.path.format(kind=kind)) for kind in AlarmKind)
        return SeenStates(
            connected=self._bus.connected,
            chair=self._newest(topics.CHAIR_STATE),
            stop=self._newest(topics.STOP_STATE),
            session=self._newest(topics.SESSION_STATE),
            camera=self._newest(topics.CAMERA_STATE),
            face=self._newest(topics.FACE_STATE),
            alarms=tuple(alarm for alarm in alarms if isinstance(alarm, Alarm)),
        )

    def _newest(self, topic: topics.Topic[PartT]) -> PartT | None:
        message = self._board.get(topic.path)
        return message if isinstance(message, topic.model) else None

    def _told_of_server(self) -> dict[str, Any]:
        return {
            "broker": self._bus.connected,
            "time": self._clock.utc_now().astimezone(UTC).isoformat(timespec="seconds"),
            "chair_id": self._bus.chair_id,
            "use_context": self._rule.context.value,
            "face_allowed": not self._rule.refusal,
            "face_reason": self._rule.refusal,
            "built": self._shelf.built,
            "log": False,
            "users": self._users.exist,
        }

    def _keep_camera_off(self, now_s: float) -> None:
        """Switches it off where no face may be read, whoever switched it on."""
        camera = self._newest(topics.CAMERA_STATE)
        enabled = isinstance(camera, CameraState) and camera.enabled
        due = now_s - self._switched_off_s >= SWITCH_OFF_S
        if self._rule.refusal and enabled and due and self._bus.connected:
            self._switched_off_s = now_s
            self._bus.publish(topics.CAMERA_SET, CameraSet(enabled=False))
            self._log.warning("the camera is switched off", reason=self._rule.refusal)

    def _record(self, actor: Actor, what: str, details: dict[str, Any]) -> None:
        structlog.get_logger("audit").info(what, by=actor.name, **{"details": details})


def built_pages() -> Path | None:
    """The pages of this checkout, or of the image."""
    checkout = Path(__file__).resolve().parents[3] / "page" / "dist"
    image = Path("/opt/calmloop/page")
    return next((folder for folder in (image, checkout) if folder.is_dir()), checkout)
