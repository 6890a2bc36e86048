"""The console beside a real session-log: acts go there, what was is read and entered through it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.broker import Broker, free_port
from tests.contract.console_harness import (
    ROOT,
    Browser,
    EventStream,
    RunningConsole,
    logged_in,
    running_console,
)
from tests.processes import start_service


@contextmanager
def console_and_log(broker: Broker, tmp_path: Path) -> Iterator[RunningConsole]:
    """Both, with tokens that they share."""
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
        yield console


def test_who_did_what_is_kept_by_the_session_log_and_read_through_the_console(
    broker: Broker, tmp_path: Path
) -> None:
    with console_and_log(broker, tmp_path) as console:
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


def test_a_caregiver_writes_a_childs_bounds_and_a_viewer_does_not(
    broker: Broker, tmp_path: Path
) -> None:
    data_dir = tmp_path / "selector"
    with (
        start_service(
            "scenario_selector",
            broker,
            tmp_path / "logs",
            instance="test",
            ready=True,
            SCENARIO_SELECTOR__DATA_DIR=str(data_dir),
        ),
        running_console(broker, tmp_path) as console,
    ):
        console.client.wait_for(f"{ROOT}/profiles/state")
        anna = logged_in(console, "Anna")
        new = {"ceiling_pct": 35, "cleared_contraindications": ["seizures", "implant"]}
        answer = anna.ask("PUT", "/api/children/k7", new)
        assert (answer.status, answer.json["profile"]["ceiling_pct"]) == (200, 35)
        assert "seizures" in (data_dir / "profiles" / "k7.yaml").read_text()
        assert anna.ask("GET", "/api/children").json == {"children": ["k7"]}
        assert anna.ask("GET", "/api/children/k7").json["profile"]["minutes_per_session"] == 20
        assert anna.ask("PUT", "/api/children/k7", {"ceiling_pct": 30}).status == 200
        changed = {"child": "k7", "ceiling_pct": "30.0", "ceiling_pct before": "35.0"}
        with EventStream(anna) as stream:
            states = stream.states()
            while ("Anna", "profile written", changed) not in acts(console):
                next(states)
        assert anna.ask("PUT", "/api/children/k7", {"goals": "sleeps alone"}).status == 200
        assert anna.ask("GET", "/api/children/k7").json["profile"]["goals"] == "sleeps alone"
        assert "goals: sleeps alone" in (data_dir / "profiles" / "k7.yaml").read_text()
        assert anna.ask("PUT", "/api/children/k7", {"notes": "x" * 4001}).status == 422
        with EventStream(anna) as stream:
            states = stream.states()
            while not any("goals" in details for _by, _what, details in acts(console)):
                next(states)
        assert "sleeps alone" not in (console.data_dir / "audit.jsonl").read_text()
        assert anna.ask("GET", "/api/children/k8").status == 409
        assert anna.ask("PUT", "/api/children/k7", {"ceiling_pct": 400}).status == 422
        assert anna.ask("PUT", "/api/children/K.7", new).status == 422
        vida = logged_in(console, "Vida")
        assert vida.ask("PUT", "/api/children/k7", new).status == 403
        assert vida.ask("GET", "/api/children/k7").status == 403
        assert console.browser.ask("GET", "/api/children").status == 401
        scenarios = console.browser.ask("GET", "/api/scenarios").json
        assert len(scenarios["scenarios"]) >= 11
        # Erasure reaches the selector's own files, asked for by a technician alone.
        assert anna.command("profile", action="erase", profile="k7").status == 403
        tom, path = logged_in(console, "Tom"), "/api/history/children/k7"
        erased = tom.ask("DELETE", path, {"confirm": "k7"})
        assert (erased.status, erased.json["selector"]["erased"]) == (200, ["profile"])
        assert "no session-log is set" in erased.json["log"]["refusal"]
        assert not list((data_dir / "profiles").rglob("k7*"))
        assert anna.ask("GET", "/api/children").json == {"children": []}
        assert tom.ask("DELETE", path, {"confirm": "k7"}).status == 503


def acts(console: RunningConsole) -> list[tuple[str, str, dict[str, object]]]:
    """Who did what with which details, as the console's own file has it."""
    path = console.data_dir / "audit.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(act["by"], act["what"], act["details"]) for act in map(json.loads, lines)]


def test_what_is_kept_of_a_child_is_in_its_guardians_hands(broker: Broker, tmp_path: Path) -> None:
    with console_and_log(broker, tmp_path) as console:
        anna, tom = logged_in(console, "Anna"), logged_in(console, "Tom")
        consent = {"kind": "consent", "child": "k7", "given": True, "what": ["chair", "camera"]}
        assert anna.ask("POST", "/api/history/entries", consent).status == 201
        path = "/api/history/children/k7"
        (given,) = anna.ask("GET", f"{path}/events?kind=consent&limit=200").json["events"]
        assert (given["by"], given["data"]["given"]) == ("Anna", True)
        assert anna.ask("PUT", path, {"keep_days": 30}).json["keep_days"] == 30
        assert anna.ask("PUT", path, {"keep_days": 0}).status == 422
        copied = anna.ask("GET", f"{path}/export")
        assert copied.headers["content-disposition"] == 'attachment; filename="calmloop-k7.json"'
        assert {"consent", "setting"} <= {event["kind"] for event in copied.json["events"]}
        assert copied.json["child"]["keep_days"] == 30
        assert anna.ask("GET", "/api/history/children/k8/export").status == 404

        vida = logged_in(console, "Vida")
        again = {"confirm": "k7"}
        for asked in (
            (vida, "PUT", {"keep_days": 5}),
            (vida, "DELETE", again),
            (anna, "DELETE", again),
        ):
            browser, method, body = asked
            assert browser.ask(method, path, body).status == 403
        assert vida.ask("GET", f"{path}/export").status == 403
        assert console.browser.ask("GET", f"{path}/export").status == 401
        assert tom.ask("DELETE", path, again, X_CSRF_Token="x").status == 403
        assert tom.ask("DELETE", path, {"confirm": "k8"}).status == 409
        erased = tom.ask("DELETE", path, again)
        assert (erased.status, erased.json["log"]["refusal"]) == (200, "")
        # There is no scenario-selector here: what it may keep was not reached, and that is said.
        assert erased.json["selector"]["erased"] == []
        assert erased.json["selector"]["refusal"]
        assert anna.ask("GET", path).status == 404
        assert anna.ask("GET", f"{path}/events").status == 404
