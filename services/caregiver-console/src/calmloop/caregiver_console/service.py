"""The console on the bus: states go to the pages, what a page asks goes to the services."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Received
from calmloop.base.lockout import Lockout
from calmloop.caregiver_console.app import application
from calmloop.caregiver_console.audit import AuditTrail
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.board import SERVER, Board
from calmloop.caregiver_console.children import ChildFiles
from calmloop.caregiver_console.confirming import ConfirmedStops
from calmloop.caregiver_console.desk import CommandDesk
from calmloop.caregiver_console.errors import ERRORS, RecentErrors
from calmloop.caregiver_console.escalation import Escalation, Webhook
from calmloop.caregiver_console.events import EventHub
from calmloop.caregiver_console.face_rule import FaceRule
from calmloop.caregiver_console.log_client import LogClient, read_token
from calmloop.caregiver_console.logins import Logins
from calmloop.caregiver_console.missing import SeenStates
from calmloop.caregiver_console.pages import PageShelf
from calmloop.caregiver_console.people import UserFile
from calmloop.caregiver_console.rate import AddressRate
from calmloop.caregiver_console.report_process import ReportProcess, installed_python
from calmloop.caregiver_console.requests import PRESENT, HeldStates, Order
from calmloop.caregiver_console.server import ConsoleServer
from calmloop.caregiver_console.settings import CaregiverConsoleSection, Settings
from calmloop.caregiver_console.shadows import SHADOWS, ShadowWatch
from calmloop.caregiver_console.views import SHOWN
from calmloop.contract import topics
from calmloop.contract.messages.base import Part
from calmloop.contract.messages.camera import CameraSet, CameraState
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.profiles import ProfilesState
from calmloop.contract.messages.safety import Alarm, AlarmKind
from calmloop.contract.messages.scenarios import ScenarioListState
from calmloop.contract.topics import AnyTopic
from calmloop.service.runtime import Context, Health

TELL_S = 1.0
SWITCH_OFF_S = 5.0
"""How often a camera that must not see is told so."""
OF_CHILD = "child-"
"""What commands of the child's page begin with: no sign of a caregiver."""
STOP_PAYLOAD = b"caregiver-console"
Receiver = Callable[[Received[Any]], None]
PartT = TypeVar("PartT", bound=Part)


class CaregiverConsoleService:
    """Serves the pages; without it the chair is as safe as with it."""

    period_s = 0.1

    def __init__(self, context: Context[Settings]) -> None:
        section = context.settings.caregiver_console
        self._bus, self._clock, self._log = context.bus, context.clock, context.log
        self._board = Board(context.clock)
        self._rule = FaceRule(context.settings.use_context, section.data_dir)
        confirmed_stops = ConfirmedStops(context.clock, context.bus.ages)
        self._desk = CommandDesk(
            context.clock,
            publish=self._publish,
            publish_stop=lambda: self._bus.publish_stop(STOP_PAYLOAD),
            wake=context.bus.wake,
            face_refusal=lambda: self._rule.refusal,
            confirmed_stops=confirmed_stops,
        )
        self._shelf = PageShelf(section.page_dir or built_pages())
        self._users = UserFile(section.data_dir)
        self._children = ChildFiles()
        log = _log_client(section)
        self._audit = AuditTrail(context.clock, section.data_dir, log)
        self._audit.start()
        self._errors = RecentErrors(context.clock)
        self._shadows = ShadowWatch(context.clock, section.shadow_agreement)
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
            scenarios=lambda: self._scenarios,
            children=self._children,
            record=self._audit.record,
            erasing=self._erasing,
            reports=ReportProcess(section.report_python or installed_python()),
            log=log,
            authority=section.tls_authority_file,
            secure=section.tls_certificate_file is not None,
        )
        self._server = ConsoleServer(application(backstage, section.host_names), section)
        self._data_dir = section.data_dir
        self._told_s = self._switched_off_s = float("-inf")
        self._escalation = Escalation(context.clock)
        self._webhook = (
            Webhook(section.webhook_url, section.webhook_token_file)
            if section.webhook_url
            else None
        )
        self._has_log = log is not None
        self._touched_s: float | None = None
        self._scenarios = ScenarioListState()
        self._subscribe(confirmed_stops)
        self._server.start()
        self._log.info("serves", port=self._server.port, tls=backstage.secure)

    def turn(self) -> Health:
        """Sends what was asked for, and tells the pages how this process does."""
        now_s = monotonic_s(self._clock)
        for request, actor, answer in self._desk.turn(self._held()):
            if not request.command.startswith(OF_CHILD):
                self._touched_s = now_s
            if request.command != PRESENT:
                details = {"id": request.id, "outcome": answer.outcome}
                self._audit.record(actor, request.command, request.recorded | details)
        if now_s - self._told_s >= TELL_S:
            self._told_s = now_s
            self._board.put_own(SERVER, self._told_of_server(), public=True)
            if (errors := self._errors.news()) is not None:
                self._board.put_own(ERRORS, errors, public=False)
            if (shadows := self._shadows.news()) is not None:
                self._board.put_own(SHADOWS, shadows, public=False)
            self._escalate()
            self._bus.publish(topics.CAREGIVER_STATE, self._presence(now_s))
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
        self._audit.close()
        if self._webhook is not None:
            self._webhook.close()

    def _subscribe(self, confirmed_stops: ConfirmedStops) -> None:
        listeners = (confirmed_stops.receivers, self._errors.receivers, self._shadows.receivers)
        for topic in SHOWN:
            also = [of[topic.path] for of in listeners if topic.path in of]
            self._bus.subscribe(topic, self._taking(topic, also), latest_only=True)
        self._bus.subscribe(topics.EMOTION_SHADOW, self._shadows.receive_shadow)
        self._bus.subscribe(topics.SCENARIOS_STATE, self._on_scenarios, latest_only=True)
        self._bus.subscribe(topics.PROFILES_STATE, self._on_profiles)

    def _taking(self, topic: AnyTopic, also: list[Receiver]) -> Any:
        prefix = len(f"{topics.ROOT}/{self._bus.chair_id}/")

        def take(received: Received[Any]) -> None:
            self._board.put(received.name[prefix:], topic, received.message)
            for receive in also:
                receive(received)

        return take

    def _on_scenarios(self, received: Received[ScenarioListState]) -> None:
        self._scenarios = received.message

    def _on_profiles(self, received: Received[ProfilesState]) -> None:
        self._children.receive(received.message)

    @contextmanager
    def _erasing(self, code: str) -> Iterator[None]:
        """Nothing here names the child any more."""
        with self._audit.erasing(code):
            yield
        self._errors.forget(code)

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
            "log": self._has_log,
            "shadows": self._shadows.sources,
            "users": self._users.exist,
            "free_bytes": free_bytes(self._data_dir),
        }

    def _presence(self, now_s: float) -> CaregiverPresence:
        return CaregiverPresence(
            idle_s=None if self._touched_s is None else now_s - self._touched_s,
            face_ground=self._rule.ground is not None,
        )

    def _escalate(self) -> None:
        """Tells elsewhere what nobody acknowledges."""
        if self._webhook is not None:
            for alarm in self._escalation.due(self._seen().alarms):
                self._webhook.tell(alarm)

    def _keep_camera_off(self, now_s: float) -> None:
        """Switches it off where no face may be read, whoever switched it on."""
        camera = self._newest(topics.CAMERA_STATE)
        enabled = isinstance(camera, CameraState) and camera.enabled
        due = now_s - self._switched_off_s >= SWITCH_OFF_S
        if self._rule.refusal and enabled and due and self._bus.connected:
            self._switched_off_s = now_s
            self._bus.publish(topics.CAMERA_SET, CameraSet(enabled=False))
            self._log.warning("the camera is switched off", reason=self._rule.refusal)


def _log_client(section: CaregiverConsoleSection) -> LogClient | None:
    read, write = section.log_read_token_file, section.log_write_token_file
    if section.log_host is None or read is None or write is None:
        return None
    return LogClient(
        section.log_host,
        section.log_port,
        read_token(read, "log_read_token_file"),
        read_token(write, "log_write_token_file"),
    )


def free_bytes(folder: Path) -> int | None:
    """Of the disk on which a folder is; None while there is none."""
    with suppress(OSError):
        return shutil.disk_usage(folder).free
    return None


def built_pages() -> Path | None:
    """The pages of this checkout, or of the image."""
    checkout = Path(__file__).resolve().parents[3] / "page" / "dist"
    image = Path("/opt/calmloop/page")
    return next((folder for folder in (image, checkout) if folder.is_dir()), checkout)
