"""A whole session from a cold start by taps alone, in each language of the page."""

import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from calmloop.report.language import ReportLanguage
from calmloop.report.language import catalogue as report_words
from tests.browser.conftest import PAGE, OpenConsole
from tests.browser.console_page import ConsolePage
from tests.tapped_page import Size

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "de", "lt", "lv")


def words(language: str) -> dict[str, str]:
    catalogue: dict[str, str] = json.loads((PAGE / f"src/languages/{language}.json").read_text())
    return catalogue


def intensity(console: ConsolePage) -> float:
    session = console.demo.tally.session
    return session.intensity_pct if session else 0.0


def phase(console: ConsolePage) -> str:
    console.demo.observer.turn()
    session = console.demo.tally.session
    return session.phase if session else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_by_taps_alone(open_console: OpenConsole, language: str) -> None:
    say = words(language)
    with open_console(Size.SMALL, language) as console:
        assert console.page.evaluate("document.documentElement.lang") == language
        console.page.get_by_role("heading", name=say["none.title"]).wait_for()
        console.log_in()
        console.start()
        console.until(lambda: phase(console) == "running", 20)
        console.page.get_by_text(f"{say['phase.running']} · ").wait_for()
        console.keep_picture(f"session-{language}")
        before_pct = intensity(console)
        console.button(say["control.more"]).click()
        console.until(lambda: phase(console) == "running" and intensity(console) > before_pct, 5)
        raised_pct = intensity(console)
        console.button(say["control.less"]).click()
        console.until(lambda: bool(phase(console)) and intensity(console) < raised_pct, 5)
        console.button(say["control.pause"]).click()
        console.button(say["control.resume"]).wait_for()
        console.until(lambda: not console.felt(), 10)
        console.button(say["control.resume"]).click()
        console.until(console.felt, 20)
        console.button(say["control.finish"]).click()
        console.page.get_by_role("heading", name=say["none.title"]).wait_for()
        console.until(lambda: not console.felt(), 10)
        console.button(say["page.after"]).click()
        console.page.locator(".smiley").nth(4).click()
        console.page.locator('.smiley[aria-pressed="true"]').wait_for()
        console.go("history")
        title = report_words(ReportLanguage(language))["title.session"]
        of_session = console.button_that_begins(say["report.session"])
        assert title in text_of(console.downloaded(of_session))
        console.page.get_by_text(say["report.made"].partition("{")[0]).wait_for()
        console.keep_picture(f"reports-{language}")


def text_of(pdf: Path) -> str:
    return " ".join(page.extract_text() for page in PdfReader(pdf).pages)
