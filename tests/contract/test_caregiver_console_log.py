"""The console beside a real session-log: acts go there, what was is read and entered through it."""

from pathlib import Path

from tests.broker import Broker, free_port
from tests.contract.console_harness import Browser, EventStream, logged_in, running_console
from tests.processes import start_service


def test_who_did_what_is_kept_by_the_session_log_and_read_through_the_console(
    broker: Broker, tmp_path: Path
) -> None:
    tokens = {name: tmp_path / f"{name}.token" for name in ("read", "write")}
    for name, path in tokens.items():
        path.write_text(f"{name}-0123456789abcdef")
    port = free_port()
    files = {f"{name.upper()}_TOKEN_FILE": str(path) for name, path in tokens.items()}
    with (
        start_service(
            "session_log",
            broker,
            tmp_path / "logs",
            instance="test",
            ready=True,
            SESSION_LOG__DATA_DIR=str(tmp_path / "log"),
            SESSION_LOG__HTTP_PORT=str(port),
            **{f"SESSION_LOG__{key}": value for key, value in files.items()},
        ),
        running_console(
            broker,
            tmp_path,
            LOG_HOST="127.0.0.1",
            LOG_PORT=str(port),
            **{f"LOG_{key}": value for key, value in files.items()},
        ) as console,
    ):
        assert console.browser.ask("GET", "/api/history/events").status == 401
        anna = logged_in(console, "Anna")
        with EventStream(anna) as stream:
            anna.command("less")
            states = stream.states()
            while not {("Anna", "login"), ("Anna", "less")} <= actions(anna):
                next(states)
        note = {"kind": "note", "child": "child-7", "words": "slept well", "by": "somebody else"}
        assert anna.ask("POST", "/api/history/entries", note).status == 201
        assert logged_in(console, "Vida").ask("POST", "/api/history/entries", note).status == 403
        (kept,) = anna.ask("GET", "/api/history/children/child-7/events").json["events"]
        assert (kept["by"], kept["text"]) == ("Anna", "slept well")
        assert anna.ask("GET", "/api/history/children/child-7/sessions").json == {"sessions": []}
        for asked in ("../openapi.json", "x", "children/..%2f..%2fopenapi.json", "sessions?a=%20b"):
            assert anna.ask("GET", f"/api/history/{asked}").status == 404, asked
        assert b"0123456789abcdef" not in anna.ask("GET", "/api/history/state").body


def actions(browser: Browser) -> set[tuple[str, str]]:
    """Who did what, as the session-log has it."""
    events = browser.ask("GET", "/api/history/events?kind=action&limit=200").json["events"]
    return {(event["by"], event["text"]) for event in events}
