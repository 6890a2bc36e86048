"""The page in a real browser: keys are pressed, and LABELS.csv is what they mean."""

from collections.abc import Iterator

import pytest

from tests.unit.labelling.browser import (
    BACKSPACE,
    CHROMIUM,
    CONTROL,
    DRIVER,
    ENTER,
    LEFT,
    RIGHT,
    TAB,
    Browser,
    browser,
)
from tests.unit.labelling.conftest import Served

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="no browser here: apt-get install chromium chromium-driver",
)
FIRST, SECOND, THIRD = (f"child.mp4@{item}" for item in ("0.00-0.80", "0.80-1.60", "1.60-2.40"))


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def page(window: Browser, served: Served) -> Browser:
    window.open(served.server.url)
    see(window, 0)
    window.log()
    return window


def see(page: Browser, segment: int) -> None:
    """Waits until the page shows a segment's pictures."""
    page.wait_for(f"document.body.dataset.seen === '{segment}'")


def press(page: Browser, key: str, then: int) -> None:
    page.press(key)
    see(page, then)


def labels(served: Served) -> dict[str, str]:
    header, *rows = served.labels.read_text().splitlines()
    assert header == "item,label"
    return dict(row.rsplit(",", 1) for row in rows)


def test_keys_become_labels_and_the_page_goes_on_by_itself(page: Browser, served: Served) -> None:
    press(page, "n", then=1)
    assert labels(served) == {FIRST: "negative"}
    press(page, " ", then=2)
    assert page.evaluate("document.getElementById('count').textContent") == "2 of 3 answered"
    assert page.evaluate("document.getElementById('done').hidden")
    page.press("3")
    page.wait_for("!document.getElementById('done').hidden")
    assert labels(served) == {FIRST: "negative", SECOND: "unsure", THIRD: "positive"}
    assert page.log() == []


@pytest.mark.parametrize(
    ("key", "label"),
    [("1", "negative"), ("2", "neutral"), ("u", "neutral"), ("P", "positive"), ("p", "positive")],
)
def test_each_key_has_its_label(page: Browser, served: Served, key: str, label: str) -> None:
    press(page, key, then=1)
    assert labels(served) == {FIRST: label}


def test_arrows_lead_back_and_forth_and_an_answer_can_be_changed(
    page: Browser, served: Served
) -> None:
    press(page, "n", then=1)
    press(page, LEFT, then=0)
    pressed = "document.querySelector('[aria-pressed=true][data-answer]').dataset.answer"
    assert page.evaluate(pressed) == "negative"
    press(page, "p", then=1)
    press(page, RIGHT, then=2)
    press(page, RIGHT, then=2)
    assert labels(served) == {FIRST: "positive"}
    press(page, "u", then=1)
    assert labels(served) == {FIRST: "positive", THIRD: "neutral"}


def test_undo_takes_back_and_leads_to_where_it_was(page: Browser, served: Served) -> None:
    press(page, "n", then=1)
    press(page, "p", then=2)
    press(page, BACKSPACE, then=1)
    assert labels(served) == {FIRST: "negative"}
    page.press("z", hold=CONTROL)
    see(page, 0)
    assert labels(served) == {}
    page.press(BACKSPACE)
    page.wait_for("document.getElementById('fault').textContent.includes('nothing to undo')")


def test_a_later_visit_begins_at_the_first_open_segment(page: Browser, served: Served) -> None:
    press(page, "n", then=1)
    page.open(served.server.url)
    see(page, 1)


def test_the_space_bar_after_a_click_does_not_press_that_button_again(
    page: Browser, served: Served
) -> None:
    page.click("[data-answer=positive]")
    see(page, 1)
    press(page, " ", then=2)
    assert labels(served) == {FIRST: "positive", SECOND: "unsure"}


def test_buttons_work_by_tab_and_space_with_single_keys_off(page: Browser, served: Served) -> None:
    page.click("#keys")
    page.press("n")
    page.press(TAB)
    page.evaluate("document.querySelector('[data-answer=neutral]').focus()")
    press(page, " ", then=1)
    assert labels(served) == {FIRST: "neutral"}


def test_space_on_a_focused_button_presses_that_button(page: Browser, served: Served) -> None:
    page.evaluate("document.querySelector('[data-answer=neutral]').focus()")
    press(page, " ", then=1)
    assert labels(served) == {FIRST: "neutral"}


def test_a_key_held_down_answers_once(page: Browser, served: Served) -> None:
    page.evaluate(
        "document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'n', repeat: true, bubbles: true}))"
    )
    press(page, "p", then=1)
    assert labels(served) == {FIRST: "positive"}


def test_what_cannot_be_shown_can_only_be_left_out(
    page: Browser, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = served.server.desk
    whole = desk.picture
    monkeypatch.setattr(desk, "picture", lambda n, frame: whole(n, frame) if n != 2 else None)
    press(page, RIGHT, then=1)
    press(page, RIGHT, then=2)
    assert "none of its pictures" in page.evaluate("document.getElementById('where').textContent")
    page.press("p")
    press(page, " ", then=0)
    assert labels(served) == {THIRD: "unsure"}


def test_the_pictures_move_until_they_are_paused(page: Browser) -> None:
    """Looked at over the browser's own frames: at 60 a second they span several of the clip's."""
    screen = "document.getElementById('screen').toDataURL()"
    moves = (
        f"new Promise((done) => {{ const first = {screen}; let looks = 0;"
        f" const look = () => {screen} !== first ? done(true)"
        " : ++looks > 60 ? done(false) : requestAnimationFrame(look); look(); })"
    )
    assert page.evaluate(moves) is True
    page.press(ENTER)
    page.wait_for("document.getElementById('play').innerText.startsWith('play')")
    assert page.evaluate(moves) is False


def test_an_end_of_the_program_is_told_and_nothing_is_lost(page: Browser, served: Served) -> None:
    press(page, "n", then=1)
    served.server.shutdown()
    served.server.server_close()
    page.press("p")
    page.wait_for("document.getElementById('fault').textContent.includes('Start it again')")
    assert labels(served) == {FIRST: "negative"}


def test_every_control_has_a_name(page: Browser) -> None:
    names = page.evaluate(
        "[...document.querySelectorAll('button, label')].map((one) => one.innerText.trim())"
    )
    assert len(names) == 10
    assert all(names)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.getElementById('screen').ariaLabel")
