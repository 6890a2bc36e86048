"""What the broker's management is asked for a chair, and whose accounts are left alone."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from calmloop.base.errors import InputError
from calmloop.fleet_centre.broker import (
    TAG,
    BrokerAccountError,
    BrokerAccounts,
    permissions,
    topic_permissions,
)

WORDS = base64.b64encode(b"centre:a/b").decode()


class Management(BaseHTTPRequestHandler):
    """Users by name, and what else it was asked."""

    users: dict[str, dict[str, Any]]
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        name = self.path.removeprefix("/api/users/")
        found = self.users.get(name)
        self._answer(200 if found else 404, json.dumps(found or {}).encode())

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/api/users/"):
            self.users[self.path.removeprefix("/api/users/")] = {"tags": body["tags"].split(",")}
        self._answer(201)

    def do_DELETE(self) -> None:
        self.users.pop(self.path.removeprefix("/api/users/"), None)
        self._answer(204)

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.asked.append((self.command, self.path))
        known = self.headers["Authorization"] == f"Basic {WORDS}"
        self.send_response(status if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def management() -> Iterator[HTTPServer]:
    Management.users, Management.asked = {"ingest": {"tags": []}}, []
    server = HTTPServer(("127.0.0.1", 0), Management)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def accounts(management: HTTPServer) -> BrokerAccounts:
    return BrokerAccounts([f"http://centre:a%2Fb@127.0.0.1:{management.server_port}"])


def test_a_chair_gets_its_account_and_loses_it_with_its_connections(
    accounts: BrokerAccounts,
) -> None:
    accounts.admit("chair-7")
    assert Management.users["chair-7"] == {"tags": [TAG]}
    assert ("PUT", "/api/topic-permissions/%2F/chair-7") in Management.asked
    accounts.admit("chair-7")
    accounts.expel("chair-7")
    assert "chair-7" not in Management.users
    assert Management.asked[-2:] == [
        ("DELETE", "/api/users/chair-7"),
        ("DELETE", "/api/connections/username/chair-7"),
    ]


def test_a_chair_cannot_be_called_as_a_worker_is(accounts: BrokerAccounts) -> None:
    for do in (accounts.admit, accounts.expel):
        with pytest.raises(InputError, match="has this name"):
            do("ingest")
    assert Management.users == {"ingest": {"tags": []}}
    assert {method for method, _ in Management.asked} == {"GET"}


def test_a_node_that_is_away_is_passed_over(management: HTTPServer) -> None:
    there = f"http://centre:a%2Fb@127.0.0.1:{management.server_port}"
    BrokerAccounts(["http://centre:a%2Fb@127.0.0.1:9", there]).admit("chair-7")
    assert Management.users["chair-7"] == {"tags": [TAG]}


def test_a_broker_that_is_away_or_refuses_is_said(management: HTTPServer) -> None:
    for address in (
        "http://centre:a@127.0.0.1:9",
        f"http://centre:wrong@127.0.0.1:{management.server_port}",
    ):
        with pytest.raises(BrokerAccountError):
            BrokerAccounts([address]).expel("chair-7")


def test_a_chair_may_use_its_own_queue_and_its_own_two_topics_alone() -> None:
    may, topics = permissions("chair-7"), topic_permissions("chair-7")
    for name, allowed in {
        "mqtt-subscription-chair-7qos1": True,
        "amq.topic": True,
        "mqtt-subscription-chair-77qos1": False,
        "fleet-ingest": False,
        "amqxtopic": False,
    }.items():
        assert bool(re.search(may["write"], name)) is allowed
    assert not re.search(may["configure"], "amq.topic")
    assert re.search(topics["write"], "fleet.chair-7.up")
    assert re.search(topics["read"], "fleet.chair-7.ack")
    for other in ("fleet.chair-8.up", "fleet.chair-7.ack", "fleet.#", "fleet.*.up"):
        assert not re.search(topics["write"], other)
