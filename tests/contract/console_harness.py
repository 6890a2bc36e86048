"""The console as a process at a real broker, and a browser's side of it in plain sockets."""

import http.client
import json
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from wsproto import ConnectionType, WSConnection, events

from calmloop.caregiver_console import Role, UserFile
from tests.broker import Broker, free_port
from tests.processes import CHAIR, Client, ServiceProcess, start_service

ROOT = f"calmloop/{CHAIR}"
PINS = {"Anna": "135790", "Vida": "246801", "Tom": "987654"}
ROLES = {"Anna": Role.CAREGIVER, "Vida": Role.VIEWER, "Tom": Role.TECHNICIAN}


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """One person's: keeps its cookie and its CSRF token."""

    def __init__(self, port: int, host: str = "") -> None:
        self.port = port
        self.host = host or f"127.0.0.1:{port}"
        self.cookie = self.csrf = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request on a connection of its own; `_` in a header's name stands for `-`."""
        sent = {"Host": self.host} | {k.replace("_", "-"): v for k, v in headers.items()}
        if self.cookie:
            sent |= {"Cookie": self.cookie}
        if self.csrf:
            sent.setdefault("X-CSRF-Token", self.csrf)
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        finally:
            connection.close()

    def login(self, name: str, pin: str | None = None) -> Answer:
        """Logs in, and keeps what that gives."""
        answer = self.ask("POST", "/api/login", {"name": name, "pin": pin or PINS[name]})
        if answer.status == 200:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
            self.csrf = answer.json["csrf"]
        return answer

    def command(self, command: str, id_: str | None = None, **arguments: Any) -> Answer:
        """One command by POST."""
        asked = {"id": id_ or secrets.token_hex(8), "command": command, "arguments": arguments}
        return self.ask("POST", "/api/commands", asked)


class EventStream:
    """The events as a page reads them."""

    def __init__(self, browser: Browser) -> None:
        self._socket = socket.create_connection(("127.0.0.1", browser.port), timeout=10)
        cookie = f"Cookie: {browser.cookie}\r\n" if browser.cookie else ""
        head = f"GET /api/events HTTP/1.1\r\nHost: {browser.host}\r\n{cookie}\r\n"
        self._socket.sendall(head.encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])

    def __enter__(self) -> "EventStream":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._socket.close()

    def states(self) -> Iterator[dict[str, Any]]:
        """Each event's topics, as they come."""
        for line in self._file:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))

    def wait_for(self, topic: str) -> Any:
        """The topic's next payload that counts."""
        told = (state.get(topic) for state in self.states())
        return next(payload for payload in told if payload is not None)

    def ends(self) -> bool:
        """Whether the server ends it before its time is over."""
        try:
            while self._file.readline():
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True


class Socket:
    """A WebSocket for commands."""

    def __init__(self, browser: Browser, origin: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", browser.port), timeout=10)
        self._ws = WSConnection(ConnectionType.CLIENT)
        extra = [(b"Cookie", browser.cookie.encode())] if browser.cookie else []
        extra += [(b"Origin", origin.encode())] if origin else []
        self._send(events.Request(host=browser.host, target="/api/commands", extra_headers=extra))
        self.accepted = isinstance(self._next(), events.AcceptConnection)

    def send(self, text: str) -> None:
        """Sends without waiting."""
        self._send(events.TextMessage(data=text))

    def command(self, command: str, id_: str | None = None, **arguments: Any) -> dict[str, Any]:
        """One command and its answer."""
        asked = {"id": id_ or secrets.token_hex(8), "command": command, "arguments": arguments}
        self.send(json.dumps(asked))
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next answer."""
        event = self._next()
        assert isinstance(event, events.TextMessage), event
        told: dict[str, Any] = json.loads(event.data)
        return told

    def closed(self) -> int:
        """The code with which the server closes it."""
        event = self._next()
        assert isinstance(event, events.CloseConnection), event
        return event.code

    def close(self) -> None:
        self._socket.close()

    def _send(self, event: events.Event) -> None:
        self._socket.sendall(self._ws.send(event))

    def _next(self) -> events.Event:
        while True:
            for event in self._ws.events():
                return event
            data = self._socket.recv(65536)
            self._ws.receive_data(data or None)


class RunningConsole(NamedTuple):
    """What a test has."""

    process: ServiceProcess
    client: Client
    port: int
    data_dir: Path

    @property
    def browser(self) -> Browser:
        return Browser(self.port)

    def payloads(self, topic: str) -> list[bytes]:
        """What came on a topic so far."""
        return [m.payload for m in self.client.received if m.name == f"{ROOT}/{topic}"]


@contextmanager
def running_console(
    broker: Broker, folder: Path, *, use_context: str = "clinic", **settings: str
) -> Iterator[RunningConsole]:
    """A console with three users, and a client that hears all that it sends."""
    port, data_dir = free_port(), folder / "console"
    for name, pin in PINS.items():
        UserFile(data_dir).add(name, pin, ROLES[name])
    variables = {
        "USE_CONTEXT": use_context,
        "CAREGIVER_CONSOLE__PORT": str(port),
        "CAREGIVER_CONSOLE__DATA_DIR": str(data_dir),
    } | {f"CAREGIVER_CONSOLE__{key}": value for key, value in settings.items()}
    with (
        Client(broker) as client,
        start_service(
            "caregiver_console", broker, folder / "logs", instance="test", ready=True, **variables
        ) as process,
    ):
        client.subscribe(f"{ROOT}/#")
        yield RunningConsole(process, client, port, data_dir)


def logged_in(console: RunningConsole, name: str) -> Browser:
    """A browser at which somebody has logged in."""
    browser = console.browser
    assert browser.login(name).status == 200
    return browser
