"""A whole session over Compose by taps alone, from a cold start; found again after a restart."""

import json
from collections.abc import Iterator

import pytest

from calmloop.report.language import ReportLanguage
from calmloop.report.language import catalogue as report_words
from tests.system.bus_client import BusClient
from tests.system.deployment import FOLDER, REPOSITORY, Deployment, brought_up

pytest.importorskip("playwright", reason="no Playwright here: run `make test-browser`")
pytest.importorskip("pypdf", reason="nothing reads a PDF here: run `make reports`")
from tests.system.tapping import DeployedPage, enrol, opened, tablet, text_of

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
CHANGES = FOLDER.parent / "tests/system/taps.compose.yaml"
PAGES = REPOSITORY / "services/caregiver-console/page/src/languages"
LANGUAGES = ("en", "de", "lt", "lv")
BEFORE, AFTER = 2, 5
FADE_MS = 120_000
TOLD = {"change", "notice", "rating", "session_ended"}
BEGAN = {"session_started", "session_resumed"}
"""The second where the log heard of it a moment late."""


@pytest.fixture
def cold(images: tuple[str, ...]) -> Iterator[Deployment]:
    """A deployment of its own that has just come up: no session was, nobody has reset anything."""
    assert images
    with brought_up("taps", CHANGES) as running:
        yield running


def words(language: str) -> dict[str, str]:
    catalogue: dict[str, str] = json.loads((PAGES / f"{language}.json").read_text())
    return catalogue


def run_session(console: DeployedPage, say: dict[str, str], *, fades: bool = False) -> None:
    """From the login to the rating afterwards; one that is paused before ends without a fade."""
    page = console.page
    console.log_in()
    console.go("start")
    page.get_by_role("group", name=say["start.before"]).locator(".smiley").nth(BEFORE - 1).click()
    console.start()
    page.get_by_text(f"{say['phase.running']} · ").wait_for()
    if not fades:
        console.button(say["control.pause"]).click()
        console.button(say["control.resume"]).wait_for()
    console.button(say["control.finish"]).click()
    page.get_by_role("heading", name=say["none.title"]).wait_for(timeout=FADE_MS)
    console.until(lambda: not console.felt(), 20)
    console.button(say["page.after"]).click()
    page.locator(".smiley").nth(AFTER - 1).click()
    page.locator('.smiley[aria-pressed="true"]').wait_for()
    console.until(lambda: ratings(console)[1] == AFTER, 20)
    assert ratings(console) == (BEFORE, AFTER)


def ratings(console: DeployedPage) -> tuple[int | None, int | None]:
    """Of the newest session, as the log has them."""
    newest = console.kept("/api/history/sessions?child=default&limit=1")["sessions"][0]
    return newest["rating_before"], newest["rating_after"]


def check_report(console: DeployedPage, language: str) -> None:
    """By the button of the newest session."""
    console.go("history")
    button = console.button_that_begins(words(language)["report.session"])
    title = report_words(ReportLanguage(language))["title.session"]
    assert title in text_of(console.downloaded(button))


@pytest.fixture
def bus(cold: Deployment) -> Iterator[BusClient]:
    """What the chair and the others say meanwhile."""
    with BusClient("caregiver", cold.password("caregiver"), cold.plain_port) as client:
        client.subscribe("#")
        yield client


def test_a_session_from_a_cold_start_is_told_as_a_report(cold: Deployment, bus: BusClient) -> None:
    enrol(cold)
    with tablet(cold) as browser, opened(browser, cold, bus, "en") as console:
        run_session(console, words("en"))
        check_report(console, "en")


@pytest.mark.long
def test_sessions_in_every_language_are_found_again_after_a_restart(
    cold: Deployment, bus: BusClient
) -> None:
    enrol(cold)
    with tablet(cold) as browser:
        for language in LANGUAGES:
            with opened(browser, cold, bus, language) as console:
                assert console.page.evaluate("document.documentElement.lang") == language
                run_session(console, words(language), fades=language == "en")
        cold.compose("restart")
        cold.compose("up", "--detach", "--wait")
        with opened(browser, cold, bus, "en") as console:
            console.log_in()
            console.go("history")
            past = console.page.locator(".past li")
            past.first.wait_for()
            assert past.count() == len(LANGUAGES)
            newest = console.kept("/api/history/sessions?child=default")["sessions"][0]
            events = console.kept(f"/api/history/sessions/{newest['id']}/events")["events"]
            kinds = {event["kind"] for event in events}
            assert kinds >= TOLD
            assert kinds & BEGAN
            check_report(console, "en")
            course = console.downloaded(console.button(words("en")["report.course"]))
            assert report_words(ReportLanguage.EN)["title.course"] in text_of(course)
            assert not console.felt()
