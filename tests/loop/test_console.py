"""A whole session through the console alone, from a latched stop to the chair at rest."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import Account
from calmloop.demo.login import NAME, add_demo_user
from calmloop.demo.run import Demo
from tests.contract.console_harness import Answer, Browser

pytestmark = [pytest.mark.alone, pytest.mark.slow]
READY_S = 15.0
STARTED_S = 15.0
STOPPED_S = 2.0
DEAD_S = 5.0


@pytest.fixture(scope="module")
def caregiver(running: Demo) -> Browser:
    _, pin = add_demo_user(running.stack.folder / "console")
    browser = Browser(running.stack.console_port)
    assert browser.login(NAME, pin).status == 200
    return browser


def mode(running: Demo) -> ChairMode | None:
    return running.tally.chair.mode if running.tally.chair else None


def phase(running: Demo) -> Phase | None:
    return running.tally.session.phase if running.tally.session else None


def missing(browser: Browser) -> set[str]:
    return {thing["what"] for thing in browser.ask("GET", "/api/missing").json["missing"]}


def until_taken(running: Demo, ask: Callable[[], Answer], done: Callable[[], bool]) -> None:
    """What a person does: presses again while it is not so."""
    for _ in range(round(STARTED_S)):
        assert ask().json["outcome"] == "published"
        if running.observer.wait_until(done, 1.0):
            return
    raise AssertionError(f"{mode(running)}, {phase(running)}: {running.tally.report.rejected}")


def start(running: Demo, browser: Browser) -> None:
    """From a latched stop to a session that is felt."""
    if "stop" in missing(browser):
        until_taken(
            running,
            lambda: browser.command("reset"),
            lambda: running.tally.stop is not None and not running.tally.stop.latched,
        )
    assert running.observer.wait_until(lambda: not missing(browser), READY_S), missing(browser)
    started: dict[str, Any] = {"minutes": 10, "notice": True}
    until_taken(
        running,
        lambda: browser.command("start", **started),
        lambda: mode(running) is ChairMode.ACTIVE,
    )


def test_a_session_is_started_paused_resumed_and_finished_at_the_console(
    running: Demo, caregiver: Browser
) -> None:
    start(running, caregiver)
    assert running.observer.wait_until(lambda: phase(running) is Phase.RUNNING, STARTED_S)
    anybody = Browser(running.stack.console_port)
    assert anybody.command("pause").status == 200
    assert running.observer.wait_until(lambda: phase(running) is Phase.PAUSED, STOPPED_S)
    assert anybody.command("resume").status == 403
    until_taken(
        running,
        lambda: caregiver.command("resume"),
        lambda: phase(running) in (Phase.RUNNING, Phase.BASELINE),
    )
    assert caregiver.command("finish", rating=4).status == 200
    assert running.observer.wait_until(
        lambda: phase(running) is Phase.IDLE and mode(running) is ChairMode.SAFE, STARTED_S
    )


def test_a_stop_at_the_console_ends_a_session_and_a_dead_console_ends_none(
    running: Demo, caregiver: Browser
) -> None:
    start(running, caregiver)
    running.stack.signal(Account.CAREGIVER_CONSOLE, signal.SIGSTOP)
    began_s = running.observer.elapsed_s()
    running.watch(began_s + DEAD_S)
    assert mode(running) is ChairMode.ACTIVE, "a console that hangs ended the session"
    running.stack.signal(Account.CAREGIVER_CONSOLE, signal.SIGCONT)
    anybody = Browser(running.stack.console_port)
    assert anybody.command("stop").json["outcome"] == "published"
    assert running.observer.wait_until(lambda: mode(running) is ChairMode.SAFE, STOPPED_S)
    assert running.tally.stop is not None
    assert running.tally.stop.latched
