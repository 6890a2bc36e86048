"""The console as a person uses it: by what is seen and touched on the page."""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

STEP_MS = 50
TAP_MS = 1000
ANSWER_S = 5.0
DOWNLOAD_MS = 100_000
EXPECTED = ("401", "403", "404", "409", "net::ERR")
"""Statuses that a test provokes; the browser writes each into its console."""


class Size(Enum):
    """Screens: the Pi's own, a desk, a phone."""

    SMALL = (800, 480)
    WIDE = (1280, 800)
    PHONE = (360, 740)


class TappedPage(ABC):
    """One open console, whatever runs behind it."""

    def __init__(self, page: Page, address: str, name: str, pin: str) -> None:
        self.page = page
        self.troubles: list[str] = []
        self._address = address
        self._name = name
        self._pin = pin
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._note)

    def open(self, path: str) -> None:
        """Goes to an address, and returns once the chair is heard there."""
        self.page.goto(self._address + path)
        self.page.wait_for_selector(".stop-button, .child-stop")
        self.until(self._hears_the_chair, 10)

    def go(self, page: str) -> None:
        """By the tabs."""
        self.page.locator(f'.tabs a[href="#{page}"]').click()

    def log_in(self) -> None:
        """Name by keyboard, PIN by its keys."""
        self.page.locator(".who").click()
        self.page.locator('input[autocomplete="username"]').fill(self._name)
        for digit in self._pin:
            self.page.locator(".key", has_text=digit).click()
        self.page.locator(".key.main-action").click()
        self.page.locator(".who", has_text=self._name).wait_for()

    def choose_child(self, code: str) -> None:
        """On the start page."""
        field = self.page.locator('input[list="codes"]')
        field.fill(code)
        field.press("Enter")
        field.blur()

    def keep_picture(self, name: str) -> None:
        """For people to look at, in the folder that SCREENSHOTS names; else nothing."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def start(self) -> None:
        """From whatever is latched to a session in which something is felt, by taps alone."""
        self.go("start")
        clear = self.page.locator('[data-mend="stop"]').first
        begin = self.page.locator(".ready .main-action")

        def tapped() -> bool:
            """Again where the page says that it was refused, since a face was away just then."""
            for button in (clear, begin):
                if button.count():
                    self._tap(button)
            if self._refused.count():
                self.go("start")
            return self.felt()

        self.until(tapped, 60)

    def _tap(self, button: Locator) -> None:
        """Returns once it is gone, as what it was for is done, or the page says that it was not."""
        with suppress(PlaywrightTimeout):
            if self._refused.count():
                self._refused.locator("button").last.click(timeout=TAP_MS)
            button.click(timeout=TAP_MS)
        self._comes(lambda: not button.count() or bool(self._refused.count()), ANSWER_S)

    @abstractmethod
    def felt(self) -> bool:
        """Whether the chair itself says that something is felt."""

    @abstractmethod
    def look_on(self) -> None:
        """What else has to go on meanwhile."""

    def said(self) -> str:
        """What stands beside the stop."""
        said: str = self.page.locator(".stop-said").inner_text()
        return said.strip()

    def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Looks on, as the page and the loop go on, until it is so."""
        if not self._comes(condition, seconds):
            page = self.page.inner_text("body")
            raise AssertionError(f"not within {seconds:g} s; the page: {page}")

    def _comes(self, condition: Callable[[], bool], seconds: float) -> bool:
        for _step in range(int(seconds * 1000 / STEP_MS)):
            self.look_on()
            if condition():
                return True
            self.page.wait_for_timeout(STEP_MS)
        return False

    def button(self, name: str) -> Locator:
        """A button by the word on it."""
        return self.page.get_by_role("button", name=name, exact=True)

    def button_that_begins(self, words: str) -> Locator:
        """The first whose name begins so."""
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(words)}, ")).first

    def downloaded(self, button: Locator) -> Path:
        """What comes by a button, as the browser keeps it until it closes."""
        with self.page.expect_download(timeout=DOWNLOAD_MS) as coming:
            button.click()
        path: Path = coming.value.path()
        return path

    @property
    def _refused(self) -> Locator:
        """What the page says of a command that was not obeyed."""
        return self.page.locator(".said-card")

    def _hears_the_chair(self) -> bool:
        view: str | None = self.page.locator("[data-view]").first.get_attribute("data-view")
        return view != "silent"

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in EXPECTED):
            self.troubles.append(message.text)
