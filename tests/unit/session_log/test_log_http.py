"""The HTTP interface: who may what, and what is out of bounds, over a real socket."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import structlog

from calmloop.base.clock import SystemClock
from calmloop.contract.messages.log import LogCondition, LogState
from calmloop.session_log.api import build_app
from calmloop.session_log.bounds import MAX_BODY_BYTES
from calmloop.session_log.desk import LogDesk
from calmloop.session_log.errors import NotOpenError
from calmloop.session_log.keys import KeyRing
from calmloop.session_log.outbox_desk import OutboxDesk
from calmloop.session_log.outbox_reading import OutboxReader
from calmloop.session_log.reading import LogReader
from calmloop.session_log.server import HttpServer
from calmloop.session_log.store import LogStore
from calmloop.session_log.writer import LogWriter
from tests.broker import free_port
from tests.unit.session_log.log_rig import fill, note, open_log, reader, samples

READ, WRITE, TAKE = "r" * 24, "w" * 24, "t" * 24


class HttpRig:
    """A log with a child of 30 events, and a server that answers for it."""

    def __init__(self, folder: Path) -> None:
        self.store: LogStore = open_log(folder)[0]
        fill(self.store, 30)
        self.store.append([note("hers", "k8", "s2")], {"s2": samples()})
        self.keys: KeyRing = self.store.keys
        self.is_open = True
        self.port = free_port()
        log = structlog.get_logger()
        self.writer = LogWriter(lambda: self.store, lambda _store: False, log)
        state = LogState(condition=LogCondition.KEEPING)
        desk = LogDesk(self.writer, self, SystemClock().utc_now, lambda: state)
        outbox = OutboxDesk(
            self.writer, lambda: OutboxReader(self.reader, self.keys, samples=False), TAKE
        )
        app = build_app(desk, READ, WRITE, outbox)
        self.server = HttpServer(app, "127.0.0.1", self.port, log)
        self.writer.start()
        self.server.start()

    @property
    def reader(self) -> LogReader:
        if not self.is_open:
            raise NotOpenError("the log is being checked: try again")
        return reader(self.store)

    def ask(
        self, path: str, method: str = "GET", body: Any = None, token: str = READ
    ) -> tuple[int, Any]:
        text = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, text, headers)
            response = connection.getresponse()
            said = response.read()
            return response.status, json.loads(said) if said else None

    def close(self) -> None:
        self.server.stop(5)
        self.writer.close(5)


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpRig]:
    rig = HttpRig(tmp_path_factory.mktemp("log"))
    yield rig
    rig.close()


def entry(**more: Any) -> dict[str, Any]:
    return {"kind": "note", "child": "k7", "session": "s1", "by": "anna", "words": "well"} | more


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/state", "GET"),
        ("/v1/children", "GET"),
        ("/v1/children/k7", "GET"),
        ("/v1/children/k7/events", "GET"),
        ("/v1/events", "GET"),
        ("/v1/sessions", "GET"),
        ("/v1/sessions/s1", "GET"),
        ("/v1/sessions/s1/events", "GET"),
        ("/v1/sessions/s1/samples", "GET"),
        ("/v1/entries", "POST"),
        ("/v1/children/k7", "PUT"),
        ("/v1/children/k7?confirm=k7", "DELETE"),
    ],
)
def test_nothing_is_told_without_a_token_nor_written_with_the_one_that_reads(
    http: HttpRig, path: str, method: str
) -> None:
    body = None if method in ("GET", "DELETE") else entry()
    assert http.ask(path, method, body, "")[0] == 401
    assert http.ask(path, method, body, "guess" * 5)[0] in (401, 403)
    status, said = http.ask(path, method, body)
    assert status == (200 if method == "GET" else 403), said


def test_every_route_of_the_document_needs_a_token(http: HttpRig) -> None:
    _, document = http.ask("/openapi.json")
    for path, ways in document["paths"].items():
        for method, said in ways.items():
            assert said["security"] == [{"HTTPBearer": []}], f"{method} {path}"
            assert {"401", "403", "422", "503"} <= set(said["responses"])


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (entry(words=""), "words"),
        (entry(words="x" * 2001), "words"),
        (entry(by="x" * 65), "by"),
        (entry(child="Anna Berg"), "child"),
        (entry(kind="feeling"), "kind"),
        (entry(mood=3), "mood"),
        ({"kind": "rating", "child": "k7", "when": "after", "value": 6}, "value"),
        ({"kind": "rating", "child": "k7", "when": "now", "value": 3}, "when"),
        ({"kind": "consent", "child": "k7", "given": True, "what": ["x"] * 51}, "what"),
        ([], "entry"),
    ],
)
def test_an_entry_out_of_bounds_is_refused_with_its_part(
    http: HttpRig, body: Any, part: str
) -> None:
    status, said = http.ask("/v1/entries", "POST", body, WRITE)
    assert status == 422
    assert part in said["detail"] or "body" in said["detail"]


def test_an_entry_is_there_at_once_and_counts_in_its_session(http: HttpRig) -> None:
    rating = {"kind": "rating", "child": "k8", "session": "s2", "when": "after", "value": 4}
    status, kept = http.ask("/v1/entries", "POST", rating, WRITE)
    assert status == 201
    assert http.ask("/v1/sessions/s2")[1]["rating_after"] == 4
    events = http.ask("/v1/children/k8/events?kind=rating")[1]["events"]
    assert [event["id"] for event in events] == [kept["id"]]


def test_an_entry_for_the_session_of_another_child_is_refused(http: HttpRig) -> None:
    status, said = http.ask("/v1/entries", "POST", entry(child="k8"), WRITE)
    assert (status, said["detail"][:36]) == (409, "session 's1': is of child 'k7', not ")
    assert http.ask("/v1/entries", "POST", entry(session="s9"), WRITE)[0] == 404


def test_pages_join_without_a_gap(http: HttpRig) -> None:
    found, after = [], 0
    while after is not None:
        page = http.ask(f"/v1/sessions/s1/events?after={after}&limit=7")[1]
        found += [event["id"] for event in page["events"]]
        after = page["after"]
    assert found[:30] == list(range(1, 31))
    taken, after_ms = [], 0
    while after_ms is not None:
        page = http.ask(f"/v1/sessions/s1/samples?after_ms={after_ms}&limit=5")[1]
        taken += [sample["at_ms"] for sample in page["samples"]]
        after_ms = page["after_ms"]
    assert taken == sorted(set(taken))
    assert len(taken) == 30


@pytest.mark.parametrize(
    "path",
    [
        "/v1/sessions?limit=0",
        "/v1/sessions?limit=201",
        "/v1/sessions?child=..%2Fkeys",
        "/v1/sessions/s1/events?limit=1001",
        "/v1/sessions/s1/events?after=-1",
        "/v1/children/k7/events?kind=feeling",
        "/v1/children/" + "k" * 41,
    ],
)
def test_a_query_out_of_bounds_is_refused(http: HttpRig, path: str) -> None:
    assert http.ask(path)[0] == 422


@pytest.mark.parametrize("path", ["/v1/sessions/s9", "/v1/children/k9", "/v1/none", "/docs"])
def test_what_is_not_there_is_404(http: HttpRig, path: str) -> None:
    assert http.ask(path)[0] == 404


def test_a_body_that_is_too_large_is_refused_before_it_is_read(http: HttpRig) -> None:
    status, said = http.ask("/v1/entries", "POST", b"x" * (MAX_BODY_BYTES + 1), WRITE)
    assert (status, "larger than" in said["detail"]) == (413, True)


def test_who_sends_nothing_keeps_nobody_from_asking(http: HttpRig) -> None:
    head = b"POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"
    slow = [socket.create_connection(("127.0.0.1", http.port)) for _ in range(20)]
    for connection in slow:
        connection.sendall(head)
    assert http.ask("/v1/children")[0] == 200
    for connection in slow:
        connection.close()


def test_an_erasure_needs_the_code_twice(http: HttpRig) -> None:
    http.ask("/v1/entries", "POST", entry(child="k9", session=""), WRITE)
    assert http.ask("/v1/children/k9?confirm=k8", "DELETE", token=WRITE)[0] == 409
    assert http.ask("/v1/children/k9", "DELETE", token=WRITE)[0] == 422
    status, erased = http.ask("/v1/children/k9?confirm=k9", "DELETE", token=WRITE)
    assert (status, erased) == (200, {"sessions": 0, "events": 1, "samples": 0})
    assert http.ask("/v1/children/k9")[0] == 404


def test_days_are_set_for_a_child_and_kept(http: HttpRig) -> None:
    status, child = http.ask("/v1/children/k8", "PUT", {"keep_days": 30, "by": "anna"}, WRITE)
    assert (status, child["keep_days"]) == (200, 30)
    (event,) = http.ask("/v1/children/k8/events?kind=setting")[1]["events"]
    assert (event["by"], event["data"]) == ("anna", {"keep_days": 30})
    assert http.ask("/v1/children/k8", "PUT", {"keep_days": 0}, WRITE)[0] == 422


def test_many_at_a_time_are_all_kept(http: HttpRig) -> None:
    before = len(http.ask("/v1/children/k8/events?kind=note&limit=1000")[1]["events"])
    answers: list[int] = []

    def enter() -> None:
        for number in range(5):
            note = entry(child="k8", session="", words=f"{number}")
            answers.append(http.ask("/v1/entries", "POST", note, WRITE)[0])

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [201] * 30
    after = http.ask("/v1/children/k8/events?kind=note&limit=1000")[1]["events"]
    assert len(after) - before == 30


def test_while_the_log_is_checked_it_says_so(http: HttpRig) -> None:
    http.is_open = False
    try:
        status, said = http.ask("/v1/children")
    finally:
        http.is_open = True
    assert (status, said["detail"]) == (503, "the log is being checked: try again")


def test_a_port_that_is_taken_is_named_and_tried_again(http: HttpRig) -> None:
    port = free_port()
    server = HttpServer(http.server.app, "127.0.0.1", port, structlog.get_logger())
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        server.start()
        assert f"127.0.0.1:{port} cannot be used" in server.trouble
        assert "set session_log.http_host and http_port" in server.trouble
    server.start()
    assert server.trouble == ""
    server.stop(5)
