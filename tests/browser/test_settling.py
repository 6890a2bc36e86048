"""A page pushes nothing away from under a finger: it is shown once what it asked for is there."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route

from tests.browser.conftest import OpenConsole
from tests.browser.console_page import ConsolePage
from tests.tapped_page import Size

pytestmark = pytest.mark.browser
ASKING = ("start", "history/k1", "settings", "trust")
PLACES = """(page) => [...page.querySelectorAll('button, a, select, input, textarea')]
    .map((each) => each.getBoundingClientRect()).filter((r) => r.width)
    .map((r) => [r.x, r.y].map(Math.round).join(' '))"""
PAST = {"began_ms": 1_770_000_000_000, "scenario": "ocean-waves", "rating_after": 4}
ANSWERS = "**/api/**"


@pytest.fixture(params=(Size.SMALL, Size.WIDE), ids=("small", "wide"))
def console(open_console: OpenConsole, request: pytest.FixtureRequest) -> Iterator[ConsolePage]:
    with open_console(request.param) as opened:
        opened.log_in()
        yield opened


def pass_on(route: Route) -> None:
    if "/history/sessions" in route.request.url:
        route.fulfill(json={"sessions": [PAST | {"id": str(n)} for n in range(9)]})
    else:
        route.continue_()


@contextmanager
def held_answers(page: Page) -> Iterator[None]:
    """The server answers nothing in here; afterwards all, and nine sessions of any child."""
    waiting: list[Route] = []
    holds = True
    page.route(ANSWERS, lambda route: waiting.append(route) if holds else pass_on(route))
    yield
    holds = False
    for route in waiting:
        pass_on(route)


def shown(page: Page) -> Locator:
    return page.locator(".page[aria-busy=false]")


@pytest.mark.parametrize("address", ASKING)
def test_what_is_shown_of_a_page_stays_where_it_is(console: ConsolePage, address: str) -> None:
    page = console.page
    with held_answers(page):
        with page.expect_request(ANSWERS):
            page.evaluate("(address) => { location.hash = address; }", address)
        assert not page.locator("main h1, main .card").first.is_visible()
        assert console.page.locator(".stop-button").is_visible()
    shown(page).wait_for()
    places = shown(page).evaluate(PLACES)
    page.wait_for_load_state("networkidle")
    assert set(places) <= set(shown(page).evaluate(PLACES))


def test_a_server_that_does_not_answer_keeps_no_page_back(console: ConsolePage) -> None:
    with held_answers(console.page):
        console.page.evaluate("location.hash = 'settings'")
        shown(console.page).get_by_role("heading", name="Settings").wait_for()
