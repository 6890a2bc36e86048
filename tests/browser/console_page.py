"""The console of a demo as a person uses it."""

from playwright.sync_api import Page

from calmloop.demo.run import Demo
from tests.tapped_page import TappedPage


class ConsolePage(TappedPage):
    """One open console of a running demo."""

    def __init__(self, page: Page, demo: Demo, address: str, name: str, pin: str) -> None:
        super().__init__(page, address, name, pin)
        self.demo = demo

    def felt(self) -> bool:
        """Whether the chair's own record says that something is felt."""
        outputs = self.demo.stack.chair.outputs()
        return bool(outputs) and outputs[-1].felt

    def look_on(self) -> None:
        """What ends is started again, and what is said is heard."""
        self.demo.stack.supervise()
        self.demo.observer.turn(0.0)
