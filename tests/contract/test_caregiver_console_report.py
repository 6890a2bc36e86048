"""Reports through the console: who may have one, and that what makes it costs nobody anything."""

import io
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.broker import Broker
from tests.contract.console_harness import (
    Answer,
    Browser,
    EventStream,
    RunningConsole,
    logged_in,
    running_console,
)
from tests.contract.log_harness import ID, STATE, LogClient, logging
from tests.contract.test_caregiver_console_log import acts
from tests.contract.test_session_log import ended, play
from tests.processes import Client
from tests.stand_in_report import has_ended, stand_in

PATH = "/api/history/reports"


@contextmanager
def console_after_a_session(
    broker: Broker, folder: Path, **settings: str
) -> Iterator[tuple[RunningConsole, LogClient]]:
    """The console, and a log that has kept a session of the child k7."""
    with ExitStack() as stack:
        _, log = stack.enter_context(logging(broker, folder / "log"))
        client = stack.enter_context(Client(broker))
        client.subscribe(STATE)
        play(client)
        ended(client)
        files = {f"LOG_{n.upper()}_TOKEN_FILE": str(log.token_file(n)) for n in ("read", "write")}
        address = {"LOG_HOST": "127.0.0.1", "LOG_PORT": str(log.port)}
        console = running_console(broker, folder, **address, **files, **settings)
        yield stack.enter_context(console), log


def report(browser: Browser, name: str, language: str = "en", **headers: str) -> Answer:
    asked = {"name": name, "language": language, "zone": "Europe/Riga"}
    return browser.ask("POST", PATH, asked, **headers)


def test_who_may_read_what_was_may_have_it_as_a_report_and_it_is_kept_who_had_it(
    broker: Broker, tmp_path: Path
) -> None:
    with (
        stand_in(tmp_path) as other,
        console_after_a_session(broker, tmp_path, REPORT_PYTHON=str(other.python)) as (
            console,
            log,
        ),
    ):
        nobody, vida = console.browser, logged_in(console, "Vida")
        assert (nobody.ask("GET", PATH).status, report(nobody, ID).status) == (401, 401)
        assert vida.ask("GET", PATH).json == {"available": True, "reason": ""}
        assert report(vida, ID, X_CSRF_Token="x").status == 403
        assert report(vida, ID, Origin="https://elsewhere.example").status == 403
        for unknown in ("nobody", "5e55104b", "0"):
            assert report(vida, unknown).status == 404
        for none in ("", "../k7", "k7/x", "k 7", 'k7"', "-k7", "x" * 65):
            assert report(vida, none).status == 422, none
        assert report(vida, ID, "xx").status == 422

        made = report(vida, ID, "de")
        assert (made.status, made.headers["content-type"]) == (200, "application/pdf")
        assert made.headers["cache-control"] == "no-store"
        disposition = made.headers["content-disposition"]
        assert disposition == f'attachment; filename="calmloop-{ID}-de.pdf"'
        told: dict[str, Any] = json.loads(made.body.removeprefix(b"%PDF-"))
        token = log.token_file("read").read_text()
        place = {"host": "127.0.0.1", "port": log.port, "token": token}
        asked = {"name": ID, "language": "de", "zone": "Europe/Riga"}
        assert told["asked"] == asked | place
        assert token not in str((told["argv"], told["env"]))
        assert not [name for name in told["env"] if "CALMLOOP" in name]
        assert told["env"]["TMPDIR"] == told["folder"]
        assert not Path(told["folder"]).exists()

        assert report(logged_in(console, "Tom"), "k7").status == 200
        kept = {
            ("Vida", "report", ("child", "k7"), ("language", "de"), ("session", ID)),
            ("Tom", "report", ("child", "k7"), ("language", "en")),
        }
        with EventStream(vida) as stream:
            states = stream.states()
            while not kept <= handed_out(console, log):
                next(states)


def handed_out(console: RunningConsole, log: LogClient) -> set[tuple[object, ...]]:
    """What is kept of it: at the console until the log has it, then with the child there."""
    events = log.get("/v1/children/k7/events?kind=action")["events"]
    told = [(each["by"], each["text"], each["data"]) for each in events]
    told += acts(console)
    own = {"child": "k7"}
    named = ("child", "language", "session")
    return {
        (by, what, *((key, (own | data)[key]) for key in named if key in own | data))
        for by, what, data in told
    }


@pytest.mark.slow
def test_one_is_made_at_a_time_and_none_for_who_has_gone(broker: Broker, tmp_path: Path) -> None:
    with (
        stand_in(tmp_path) as other,
        console_after_a_session(broker, tmp_path, REPORT_PYTHON=str(other.python)) as (
            console,
            _log,
        ),
    ):
        anna, tom = logged_in(console, "Anna"), logged_in(console, "Tom")
        with requested(anna, "lt"):
            process = other.knocking()
            refused = report(tom, "k7")
            assert (refused.status, "try again" in refused.json["error"]) == (409, True)
            # Everything else is answered meanwhile, a stop first of all.
            assert console.browser.command("stop").status == 200
        assert has_ended(process)
        process.close()
        with EventStream(tom) as stream:
            states = stream.states()
            while (after := report(tom, "k7")).status == 409:
                next(states)
        assert after.status == 200


@contextmanager
def requested(browser: Browser, language: str) -> Iterator[socket.socket]:
    """A request for a report, whose answer nobody waits for in the end."""
    body = json.dumps({"name": "k7", "language": language}).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {browser.host}\r\nCookie: {browser.cookie}\r\n"
        f"X-CSRF-Token: {browser.csrf}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", browser.port), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        yield connection


@pytest.mark.slow
def test_where_nothing_renders_it_says_what_to_do(broker: Broker, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    with console_after_a_session(broker, tmp_path, REPORT_PYTHON=nowhere) as (console, _log):
        anna = logged_in(console, "Anna")
        told = anna.ask("GET", PATH).json
        assert told["available"] is False
        assert "check caregiver_console.report_python" in told["reason"]
        refused = report(anna, ID)
        assert (refused.status, refused.json["error"]) == (503, told["reason"])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_report_has_what_was_heard(broker: Broker, tmp_path: Path) -> None:
    with console_after_a_session(broker, tmp_path) as (console, log):
        anna = logged_in(console, "Anna")
        assert anna.ask("GET", PATH).json["available"]
        made = report(anna, ID, "de")
        assert made.status == 200, made.body
        told = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made.body)).pages)
        assert "Kind k7" in told
        assert "Europe/Riga" in told
        assert "anna" in told
        assert log.ask("/v1/children/k7?confirm=k7", "DELETE")[0] == 200
        assert report(anna, ID).status == 404
