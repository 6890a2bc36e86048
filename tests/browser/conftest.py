"""A real Chromium before the console of a running loop."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from calmloop.demo.login import add_demo_user
from calmloop.demo.run import Demo, running_demo
from calmloop.demo.stack import StackOptions
from tests.browser.console_page import ConsolePage
from tests.chromium import chromium
from tests.tapped_page import Size

PAGE = Path(__file__).resolve().parents[2] / "services/caregiver-console/page"
CALM_CHILD = {
    "CAMERA__SIM_MOOD": "neutral",
    "CAMERA__FPS": "8",
    "CAMERA__WIDTH_PX": "480",
    "CAMERA__HEIGHT_PX": "360",
}
OpenConsole = Callable[..., AbstractContextManager[ConsolePage]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a screen."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which looks for what shuts people out."""
    source = PAGE / "node_modules/axe-core/axe.min.js"
    if not source.is_file():
        pytest.skip("the pages are not built here: install Node 20 and npm, then run `make setup`")
    return source.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory, axe: str) -> Iterator[Demo]:
    """The whole system before a calm child; no session runs, nobody has reset anything."""
    assert axe, "the pages are built"
    folder = tmp_path_factory.mktemp("loop")
    options = StackOptions(source="sim", baseline_s=2.0, warm_up_s=0.0, settings=CALM_CHILD)
    with running_demo(options, folder, seconds=0.0) as demo:
        yield demo


@pytest.fixture(scope="module")
def open_console(browser: Browser, loop: Demo) -> OpenConsole:
    """Opens the console in a browser of its own, which forgets everything when it closes."""
    name, pin = add_demo_user(loop.stack.folder / "console")
    address = f"http://127.0.0.1:{loop.stack.console_port}"

    @contextmanager
    def opened(size: Size = Size.WIDE, language: str = "en") -> Iterator[ConsolePage]:
        width, height = size.value
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, has_touch=True
        )
        context.set_default_timeout(15_000)
        page: Page = context.new_page()
        console = ConsolePage(page, loop, address, name, pin)
        console.open("/")
        yield console
        context.close()
        assert console.troubles == []

    return opened
