"""The console as a process: what goes out over the bus, what comes in, and to whom."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.broker import Broker
from tests.contract.console_harness import (
    ROOT,
    Browser,
    EventStream,
    RunningConsole,
    Socket,
    logged_in,
    running_console,
)

SESSION = {
    "phase": "running",
    "profile": "child-7",
    "start_token": "secret-start",
    "child_token": "secret-child",
    "ceiling_pct": 40.0,
    "choice": "it did best",
    "scores": [{"scenario": "ocean-waves", "score": 0.5, "sessions": 3}],
}
CHAIR = {"mode": "safe", "nonce": 77, "identified": True}


SCENARIO = {"name": "calm", "title": "Calm", "titles": {"lt": "Ramu"}, "icon": "<svg/>"}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    folder = tmp_path_factory.mktemp("console")
    with Broker(folder / "broker") as broker, running_console(broker, folder) as running:
        yield running


def publish_session(console: RunningConsole, browser: Browser) -> None:
    """A session that runs, which the console has heard."""
    with EventStream(browser) as stream:
        console.client.publish(f"{ROOT}/session/state", SESSION)
        assert stream.wait_for("session/state")["phase"] == "running"


def test_a_stop_needs_no_login_and_goes_out_once_for_both_ways(console: RunningConsole) -> None:
    before, mark = len(console.payloads("stop")), len(console.client.received)
    socket = Socket(console.browser)
    socket.send('{"id": "both-ways", "command": "stop"}')
    answer = console.browser.command("stop", "both-ways")
    assert (answer.status, answer.json["outcome"]) == (200, "published")
    told = {"id": "both-ways", "outcome": "published", "reason": "", "confirmed": False}
    assert socket.answer() == told
    socket.close()
    assert console.browser.command("less").status == 200  # behind the stops, on the same wire
    console.client.wait_for(f"{ROOT}/override/set", since=mark)
    assert console.payloads("stop")[before:] == [b"caregiver-console"]


def test_what_lowers_needs_nobody_and_what_raises_a_caregiver_with_the_sessions_token(
    console: RunningConsole,
) -> None:
    publish_session(console, console.browser)
    assert console.browser.command("more").status == 403
    viewer = logged_in(console, "Vida")
    assert viewer.command("more").status == 403
    mark = len(console.client.received)
    anna = logged_in(console, "Anna")
    assert anna.command("more", "more-2").json["outcome"] == "published"
    sent = console.client.wait_for(f"{ROOT}/override/set", since=mark)
    assert sent == {"action": "more", "token": "secret-start", "channels": []}


def test_a_ceiling_above_the_present_one_raises_and_one_below_does_not(
    console: RunningConsole,
) -> None:
    publish_session(console, console.browser)
    assert console.browser.command("ceiling", "up", ceiling_pct=50).status == 403
    assert console.browser.command("ceiling", "down", ceiling_pct=30).status == 200


def test_a_cookie_without_its_token_counts_as_nobody(console: RunningConsole) -> None:
    anna = logged_in(console, "Anna")
    anna.csrf = "another"
    assert anna.command("more", "forged").status == 403
    assert anna.command("less", "lowers").status == 200
    assert anna.ask("POST", "/api/context", {"kind": None}).status == 403


def test_another_sites_page_may_stop_and_nothing_else(console: RunningConsole) -> None:
    anna = logged_in(console, "Anna")
    socket = Socket(anna, origin="http://elsewhere.example")
    assert socket.command("less", "cross")["outcome"] == "refused"
    assert socket.command("stop", "cross-stop")["outcome"] == "published"
    socket.close()
    foreign = Browser(console.port, host="rebound.example")
    assert foreign.command("less").status == 403
    assert foreign.command("stop", "rebound-stop").status == 200
    assert foreign.ask("GET", "/api/missing").status == 403
    own = Socket(anna, origin=f"http://127.0.0.1:{console.port}")
    publish_session(console, anna)
    assert own.command("more", "own-origin")["outcome"] == "published"
    own.close()


def test_events_begin_with_all_and_go_on_with_what_came(console: RunningConsole) -> None:
    console.client.publish(f"{ROOT}/chair/status", {"mode": "safe"})
    with EventStream(console.browser) as stream:
        states = stream.states()
        first = next(states)
        assert first["server"]["chair_id"] == "chair-1"
        console.client.publish(f"{ROOT}/stop/state", {"latched": True, "reset_token": "secret"})
        later = next(state for state in states if "stop/state" in state)
        assert later["stop/state"]["latched"] is True
        others = {topic for topic, told in later.items() if told and "service/" not in topic}
        assert others <= {"stop/state", "server"}


def test_no_browser_sees_a_token_or_a_nonce_and_nobody_history_without_login(
    console: RunningConsole,
) -> None:
    seen: dict[bool, dict[str, Any]] = {}
    for known in (False, True):
        browser = logged_in(console, "Vida") if known else console.browser
        with EventStream(browser) as stream:
            console.client.publish(f"{ROOT}/session/state", SESSION)
            session = stream.wait_for("session/state")
            console.client.publish(f"{ROOT}/chair/state", CHAIR)
            chair = stream.wait_for("chair/state")
        assert "secret" not in f"{session} {chair}"
        assert "nonce" not in chair
        assert session["child_allowed"] is True
        seen[known] = session
    assert "choice" not in seen[False]
    assert "scores" not in seen[False]
    assert seen[True]["choice"] == "it did best"


def test_a_topic_that_is_not_heard_any_more_counts_for_nothing(console: RunningConsole) -> None:
    with EventStream(console.browser) as stream:
        console.client.publish(f"{ROOT}/chair/state", CHAIR)
        states = (state["chair/state"] for state in stream.states() if "chair/state" in state)
        assert next(s for s in states if s is not None)["mode"] == "safe"
        assert any(state is None for state in states)


def test_the_page_is_served_with_what_forbids_frames_and_foreign_scripts(
    console: RunningConsole,
) -> None:
    page = console.browser.ask("GET", "/")
    assert page.status == 200
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    for path in (
        "/../users.json",
        "/assets/../../users.json",
        "/%2e%2e/users.json",
        "//etc/passwd",
    ):
        assert console.browser.ask("GET", path).status == 404, path


def test_a_body_too_large_is_refused_and_the_next_request_is_answered(
    console: RunningConsole,
) -> None:
    large = b'{"id": "' + b"x" * 20_000 + b'"}'
    assert console.browser.ask("POST", "/api/commands", large).status == 413
    socket = Socket(console.browser)
    socket.send(large.decode())
    assert socket.closed() == 1009
    socket.close()
    assert console.browser.command("stop", "after-large").status == 200


def test_what_is_no_command_is_told_so_without_what_was_sent(console: RunningConsole) -> None:
    for body in (b"", b"[]", b"{", b'{"id": "1"}', b'{"id":"1","command":"less","x":"9999"}'):
        answer = console.browser.ask("POST", "/api/commands", body)
        assert answer.status == 422, body
        assert b"9999" not in answer.body
    assert "known are" in console.browser.command("jump").json["reason"]
    assert "argument 'token'" in console.browser.command("less", token="t").json["reason"]


def test_pins_are_guessed_five_times_and_never_logged(console: RunningConsole) -> None:
    browser = console.browser
    assert [browser.login("Ghost", "111222").status for _ in range(5)] == [401] * 5
    locked = browser.login("Ghost", "111222")
    assert locked.status == 429
    assert locked.json["retry_s"] > 20
    assert logged_in(console, "Anna").ask("GET", "/api/me").json["name"] == "Anna"
    log = console.process.log.read_text()
    assert "111222" not in log
    assert "135790" not in log


def test_a_technician_adds_and_removes_people_and_others_do_not(console: RunningConsole) -> None:
    new = {"name": "Rūta", "pin": "112233", "role": "caregiver"}
    assert logged_in(console, "Anna").ask("POST", "/api/users", new).status == 403
    tom = logged_in(console, "Tom")
    assert tom.ask("POST", "/api/users", {**new, "pin": "123"}).status == 422
    assert tom.ask("POST", "/api/users", new).status == 201
    ruta = console.browser
    assert ruta.login("Rūta", "112233").status == 200
    assert tom.ask("DELETE", "/api/users/R%C5%ABta").status == 200
    assert ruta.ask("GET", "/api/me").json["name"] is None
    assert tom.ask("DELETE", "/api/users/Tom").status == 422


def test_logging_out_ends_it_for_commands_and_events(console: RunningConsole) -> None:
    anna = logged_in(console, "Anna")
    other = Browser(console.port)
    other.cookie, other.csrf = anna.cookie, anna.csrf
    with EventStream(other) as stream:
        next(stream.states())
        anna.ask("POST", "/api/logout")
        assert stream.ends()
    assert other.command("more", "late").status == 403


def test_what_may_be_played_is_what_the_selector_says(console: RunningConsole) -> None:
    console.client.publish(f"{ROOT}/scenarios/state", {"scenarios": [SCENARIO]}, retain=True)
    with EventStream(console.browser) as stream:
        states = stream.states()
        while not (shown := console.browser.ask("GET", "/api/scenarios").json["scenarios"]):
            next(states)
    assert SCENARIO.items() <= shown[0].items()


def test_a_touch_is_a_sign_of_a_caregiver_and_the_childs_page_is_none(
    console: RunningConsole,
) -> None:
    assert console.browser.command("present").status == 200
    mark = len(console.client.received)
    told = console.client.wait_for(
        f"{ROOT}/caregiver/state", lambda body: body.get("idle_s", 99) < 3, since=mark
    )
    console.browser.command("child-less")
    later = console.client.wait_for(
        f"{ROOT}/caregiver/state", lambda body: body["idle_s"] > told["idle_s"], since=mark
    )
    assert later["idle_s"] > 0.9


def test_what_is_missing_is_said_with_what_to_do(console: RunningConsole) -> None:
    found = console.browser.ask("GET", "/api/missing").json
    assert found["ready"] is False
    assert all(thing["text"] and thing["remedy"] for thing in found["missing"])


def test_in_school_and_at_work_no_face_is_read_without_a_ground(
    broker: Broker, tmp_path: Path
) -> None:
    with running_console(broker, tmp_path, use_context="school") as console:
        console.client.publish(
            f"{ROOT}/camera/state", {"condition": "streaming", "enabled": True}, retain=True
        )
        assert console.client.wait_for(f"{ROOT}/camera/set") == {"enabled": False}
        tom = console.browser
        tom.login("Tom")
        refused = tom.command("start", "a", notice=True)
        assert refused.status == 403
        assert "5(1)(f)" in refused.json["reason"]
        assert tom.command("start", "b", mode="manual").status == 200
        ground = {"kind": "medical", "text": "prescribed by Dr Example on 2026-11-01"}
        told = f"{ROOT}/caregiver/state"
        assert console.client.wait_for(told)["face_ground"] is False
        assert tom.ask("POST", "/api/context", ground).json["face_allowed"] is True
        console.client.wait_for(told, lambda body: body["face_ground"])
        assert tom.command("start", "c", notice=True).status == 200


def test_without_the_broker_a_stop_says_to_press_the_red_button(
    broker: Broker, tmp_path: Path
) -> None:
    with running_console(broker, tmp_path) as console:
        assert console.browser.command("stop", "one").status == 200
        with EventStream(console.browser) as stream:
            broker.stop()
            servers = (state["server"] for state in stream.states() if "server" in state)
            assert next(s for s in servers if not s["broker"])
        refused = console.browser.command("stop", "two")
        assert refused.status == 409
        assert "red button" in refused.json["reason"]
