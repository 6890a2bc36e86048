"""Stop on every page: sent when it is touched, said only when the chair says so."""

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from calmloop.demo.run import Demo
from tests.browser.conftest import OpenConsole
from tests.browser.console_page import ConsolePage
from tests.tapped_page import Size

pytestmark = pytest.mark.browser
TRIES = 8
REST_MS = 300.0
REPEAT_MS = 250.0
CONFIRMED_MS = 500.0
MOMENT = (
    "() => { window.stopped = 0; new MutationObserver(() => {"
    " if (!window.stopped && document.querySelector('.stop').dataset.view === 'stopped')"
    " window.stopped = performance.now(); }).observe(document.querySelector('.stop'),"
    " {attributes: true}); document.querySelector('.stop-button').addEventListener("
    "'pointerdown', () => { window.pressed = performance.now(); window.stopped = 0; }, true); }"
)
PAGES = ("session", "start", "history", "health", "settings")


@pytest.fixture(scope="module")
def console(open_console: OpenConsole) -> Iterator[ConsolePage]:
    with open_console() as opened:
        opened.log_in()
        yield opened


def press_and_measure(console: ConsolePage) -> tuple[float, float]:
    """From the finger to the chair at rest, and to the word on the page, in ms."""
    assert console.felt()
    box = console.page.locator(".stop-button").bounding_box()
    assert box is not None
    console.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    began_ns = time.monotonic_ns()
    console.page.mouse.down()
    console.until(lambda: not console.felt(), 5)
    console.until(lambda: console.page.evaluate("window.stopped") > 0, 5)
    console.page.mouse.up()
    rest = next(o for o in reversed(console.demo.stack.chair.outputs()) if not o.felt and o.at_ns)
    first = rest
    for output in reversed(console.demo.stack.chair.outputs()):
        if output.felt:
            break
        first = output
    word_ms = console.page.evaluate("window.stopped - window.pressed")
    return (first.at_ns - began_ns) / 1e6, float(word_ms)


def measure(console: ConsolePage, tries: int) -> tuple[float, float]:
    console.page.evaluate(MOMENT)
    figures = []
    for _number in range(tries):
        console.start()
        figures.append(press_and_measure(console))
    rests, words = zip(*figures, strict=True)
    return max(rests), max(words)


def test_from_the_finger_to_the_chair_at_rest(
    console: ConsolePage, measured: Callable[[str], None]
) -> None:
    rest_ms, word_ms = measure(console, TRIES)
    measured(
        f"stop on the page, largest of {TRIES}: chair at rest after {rest_ms:.0f} ms"
        f" (at most {REST_MS:g}), said after {word_ms:.0f} ms (at most {CONFIRMED_MS:g})"
    )
    assert rest_ms <= REST_MS
    assert word_ms <= CONFIRMED_MS


@pytest.mark.parametrize("size", Size)
def test_it_is_the_largest_thing_to_touch_on_every_page(
    open_console: OpenConsole, size: Size
) -> None:
    with open_console(size) as console:
        for page in PAGES:
            console.go(page)
            areas = console.page.eval_on_selector_all(
                "button, a, select, input",
                "(all) => all.map((e) => { const r = e.getBoundingClientRect();"
                " return [e.className, r.width * r.height]; })",
            )
            largest = max(areas, key=lambda each: each[1])
            assert largest[0] == "stop-button", (page, largest)
            box = console.page.locator(".stop-button").bounding_box()
            width, height = size.value
            assert box is not None
            assert box["x"] >= 0 and box["y"] >= 0
            assert box["x"] + box["width"] <= width and box["y"] + box["height"] <= height


def test_it_needs_no_login_and_no_stream(open_console: OpenConsole, console: ConsolePage) -> None:
    console.start()
    with open_console() as other:
        other.page.route("**/api/events", lambda route: route.abort())
        other.page.reload()
        other.page.locator(".stop-button").press("Enter")
        other.until(lambda: not console.felt(), 5)
        # The server tells it what the chair said: else it would stop each later session, too.
        other.page.locator('.stop[data-view="told"]').wait_for()
        sent: list[str] = []
        other.page.on("request", lambda request: sent.append(request.url))
        console.start()
        other.page.wait_for_timeout(4 * REPEAT_MS)
        assert not any(url.endswith("/api/commands") for url in sent)
        assert console.felt()


def test_without_the_broker_it_asks_for_the_red_button(console: ConsolePage, loop: Demo) -> None:
    loop.stack.broker.signal(signal.SIGSTOP)
    try:
        console.page.locator(".stop-button").press("Enter")
        pressed_s = time.monotonic()
        console.page.get_by_text("NOT CONFIRMED: press the red button").wait_for(timeout=1500)
        assert time.monotonic() - pressed_s < 1.0
    finally:
        loop.stack.broker.signal(signal.SIGCONT)
