"""An alarm that nobody acknowledges is told elsewhere, once, and nothing waits for that."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import structlog

from calmloop.base.clock import ManualClock
from calmloop.caregiver_console.escalation import Escalation, Webhook
from calmloop.caregiver_console.service import CaregiverConsoleService
from calmloop.caregiver_console.settings import CaregiverConsoleSection, Settings
from calmloop.contract import topics
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity
from calmloop.contract.topics import Account
from calmloop.service.runtime import Context
from tests.broker import free_port
from tests.doubles import memory_bus

DISTRESS = Alarm(
    kind=AlarmKind.DISTRESS,
    active=True,
    severity=Severity.CRITICAL,
    text="the child seems upset",
    since="2026-11-29T10:00:00Z",
)


class Receiver(ThreadingHTTPServer):
    """What a webhook leads to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Takes)
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.came = threading.Semaphore(0)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/secret-topic"


class _Takes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Receiver)
        self.server.told.append((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()
        self.server.came.release()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


def test_a_critical_one_is_told_after_10_s_once_and_again_when_it_comes_anew() -> None:
    clock = ManualClock()
    escalation = Escalation(clock)
    assert escalation.due([DISTRESS]) == []
    clock.advance(9.9)
    assert escalation.due([DISTRESS]) == []
    clock.advance(0.2)
    assert escalation.due([DISTRESS]) == [DISTRESS]
    assert escalation.due([DISTRESS]) == []
    anew = DISTRESS.model_copy(update={"since": "2026-11-29T11:00:00Z"})
    escalation.due([anew])
    clock.advance(11)
    assert escalation.due([anew]) == [anew]


def test_one_that_is_acknowledged_or_over_in_time_is_not_told() -> None:
    for update in ({"acknowledged": True}, {"active": False}):
        clock = ManualClock()
        escalation = Escalation(clock)
        escalation.due([DISTRESS])
        clock.advance(60)
        assert escalation.due([DISTRESS.model_copy(update=update)]) == []


def test_a_warning_has_two_minutes_and_is_told_sooner_once_it_is_critical() -> None:
    clock = ManualClock()
    escalation = Escalation(clock)
    warning = DISTRESS.model_copy(update={"severity": Severity.WARNING})
    escalation.due([warning])
    clock.advance(100)
    assert escalation.due([warning]) == []
    escalation.due([DISTRESS])
    clock.advance(11)
    assert escalation.due([DISTRESS]) == [DISTRESS]


def test_it_is_posted_as_ntfy_takes_it(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("tk_abc\n")
    webhook = Webhook(receiver.url, tmp_path / "token")
    webhook.tell(DISTRESS)
    assert receiver.came.acquire(timeout=10)
    webhook.close()
    ((headers, body),) = receiver.told
    assert body == b"the child seems upset"
    assert headers["Title"] == "Calmloop: distress"
    assert headers["Priority"] == "urgent"
    assert headers["Authorization"] == "Bearer tk_abc"


def test_an_address_that_does_not_answer_is_never_in_a_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    webhook = Webhook(f"http://127.0.0.1:{free_port()}/secret-topic", None)
    webhook.tell(DISTRESS)
    webhook.close()
    webhook._thread.join(30)
    said = "".join(capsys.readouterr())
    assert "could not be told" in said
    assert "secret-topic" not in said


def test_the_service_tells_what_stands_on_the_bus(receiver: Receiver, tmp_path: Path) -> None:
    clock = ManualClock()
    bus, transport = memory_bus(Account.CAREGIVER_CONSOLE, clock)
    section = CaregiverConsoleSection(port=free_port(), data_dir=tmp_path, webhook_url=receiver.url)
    service = CaregiverConsoleService(
        Context(Settings(caregiver_console=section), bus, clock, structlog.get_logger())
    )
    transport.send(topics.ALARM, DISTRESS, kind="distress")
    for _ in range(13):
        bus.dispatch()
        service.turn()
        clock.advance(1.0)
    assert receiver.came.acquire(timeout=10)
    service.close()
    assert len(receiver.told) == 1
