"""A real browser, driven by keys as a person would: the part of W3C WebDriver that tests need."""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
DRIVER = shutil.which("chromedriver")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1280,900",
)
LEFT, RIGHT, BACKSPACE, ENTER, TAB, CONTROL = (
    "\ue012",
    "\ue014",
    "\ue003",
    "\ue007",
    "\ue004",
    "\ue009",
)
ANSWER_WITHIN_S = 60

WHEN = """
const done = arguments[arguments.length - 1];
const holds = () => { try { return %s; } catch { return false; } };
const look = () => { if (holds()) { watch.disconnect(); done(true); } };
const watch = new MutationObserver(look);
watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
look();
"""


class Browser:
    """One window of a headless Chromium."""

    def __init__(self, address: str, session: str) -> None:
        self._base = f"{address}/session/{session}"

    def open(self, url: str) -> None:
        """Goes to a page."""
        _ask(f"{self._base}/url", {"url": url})

    def press(self, *keys: str, hold: str = "") -> None:
        """Presses and lets go one key after the other, `hold` being down all the time."""
        each = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        held = [{"type": "keyDown", "value": hold}, *each, {"type": "keyUp", "value": hold}]
        source = {"type": "key", "id": "keyboard", "actions": held if hold else each}
        _ask(f"{self._base}/actions", {"actions": [source]})

    def click(self, selector: str) -> None:
        """Clicks in the middle of the first element that matches."""
        found = self._element(selector)
        _ask(f"{self._base}/element/{found}/click", {})

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression on the page."""
        return self._run("sync", f"return {expression};")

    def wait_for(self, condition: str) -> None:
        """Returns once a JavaScript condition holds; it is looked at whenever the page changes."""
        assert self._run("async", WHEN % condition)

    def log(self) -> list[str]:
        """What the browser complained of since the last call."""
        entries = _ask(f"{self._base}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries]

    def screenshot(self, path: Path) -> None:
        """Writes what the window shows as PNG."""
        path.write_bytes(base64.b64decode(_ask(f"{self._base}/screenshot")))

    def _element(self, selector: str) -> str:
        found = _ask(f"{self._base}/element", {"using": "css selector", "value": selector})
        return str(next(iter(found.values())))

    def _run(self, kind: str, script: str) -> Any:
        return _ask(f"{self._base}/execute/{kind}", {"script": script, "args": []})


@contextmanager
def browser() -> Iterator[Browser]:
    """Starts Chromium by its driver on a free loopback port, and ends both."""
    assert DRIVER is not None
    with (
        tempfile.TemporaryDirectory(prefix="calmloop-browser-") as profile,
        subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE, text=True) as driver,
    ):
        try:
            address = f"http://127.0.0.1:{_port(driver)}"
            options = {"binary": CHROMIUM, "args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            session = _ask(f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})
            try:
                yield Browser(address, session["sessionId"])
            finally:
                _ask(f"{address}/session/{session['sessionId']}", method="DELETE")
        finally:
            driver.terminate()


def _port(driver: "subprocess.Popen[str]") -> int:
    assert driver.stdout is not None
    for line in driver.stdout:
        if found := re.search(r"started successfully on port (\d+)", line):
            return int(found[1])
    raise AssertionError("chromedriver ended before it listened")


def _ask(url: str, body: object = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_S) as answer:
        return json.load(answer)["value"]
