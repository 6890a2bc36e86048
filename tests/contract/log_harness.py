"""A session log as a process, what it is told on the bus, and its HTTP interface."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from calmloop.contract import topics
from tests.broker import Broker, free_port
from tests.processes import CHAIR, Client, ServiceProcess, start_service

SESSION = topics.SESSION_STATE.name(CHAIR)
STATE = topics.LOG_STATE.name(CHAIR)
ID = "5e55104a"


class LogClient:
    """Asks the HTTP interface."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port

    def token_file(self, name: str) -> Path:
        """Where the token that may read, or write, stands."""
        return self._folder / f"{name}.token"

    def ask(
        self, path: str, method: str = "GET", body: Any = None, token: str = "write"
    ) -> tuple[int, Any]:
        """Status and body."""
        known = self.token_file(token)
        bearer = known.read_text() if known.exists() else token
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        connection.request(method, path, text, headers)
        response = connection.getresponse()
        said = json.loads(response.read())
        connection.close()
        return response.status, said

    def get(self, path: str) -> Any:
        """The body of a page that is there."""
        status, said = self.ask(path, token="read")
        assert status == 200, said
        return said


@contextmanager
def logging(
    broker: Broker, folder: Path, **settings: str
) -> Iterator[tuple[ServiceProcess, LogClient]]:
    """A log that has opened its database and answers."""
    port = free_port()
    given = {"SESSION_LOG__DATA_DIR": str(folder), "SESSION_LOG__HTTP_PORT": str(port)}
    with (
        Client(broker) as client,
        start_service(
            "session_log", broker, folder / "out", ready=True, **given | settings
        ) as process,
    ):
        client.subscribe(STATE)
        client.wait_for(STATE, lambda body: body["condition"] == "keeping")
        yield process, LogClient(folder, port)


def session(phase: str, **more: Any) -> dict[str, Any]:
    """What the selector says of a session of the child k7."""
    said = {"session_id": ID, "profile": "k7", "scenario": "surf", "minutes_left": 15.0}
    return {"phase": phase, **said, **more}
