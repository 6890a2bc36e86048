"""A caregiver at a tablet that has come to trust the deployment's own authority."""

import base64
import hashlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from pypdf import PdfReader

from tests.chromium import chromium
from tests.system.bus_client import BusClient
from tests.system.caregiver import feels_something
from tests.system.deployment import Deployment
from tests.tapped_page import TAP_MS, Size, TappedPage

CONSOLE = "caregiver-console"
NAME, PIN = "Anna", "135790"


class DeployedPage(TappedPage):
    """One open console of a deployment."""

    def __init__(self, page: Page, address: str, bus: BusClient) -> None:
        super().__init__(page, address, NAME, PIN)
        self.bus = bus

    def felt(self) -> bool:
        """Whether the chair itself reports that something is felt."""
        told = self.bus.messages("chair/state")
        return bool(told) and feels_something(told[-1].body)

    def look_on(self) -> None:
        """Acknowledges, as a caregiver does, what the page calls one for."""
        with suppress(PlaywrightTimeout):
            for button in self.page.locator(".alarm button").all():
                button.click(timeout=TAP_MS)

    def kept(self, path: str) -> Any:
        """What the log has, as the page asks for it."""
        return self.page.evaluate("async (path) => (await fetch(path)).json()", path)


def enrol(deployment: Deployment) -> None:
    """Adds her, as the person who looks after the device does."""
    container = deployment.container(CONSOLE)
    command = ("python", "-m", "calmloop.caregiver_console.enrol", NAME)
    subprocess.run(
        ["docker", "exec", "-i", str(container.id), *command],
        input=f"{PIN}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


@contextmanager
def tablet(deployment: Deployment) -> Iterator[Browser]:
    """A browser that takes the one key which the deployment's authority vouches for."""
    authority = deployment.compose("run", "--rm", "-T", "init", "show", "ca")
    trusting = ssl.create_default_context(cadata=authority)
    place = ("localhost", deployment.console_port)
    with (
        socket.create_connection(place, timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    assert shown is not None
    key = load_der_x509_certificate(shown).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    mark = base64.b64encode(hashlib.sha256(info).digest()).decode()
    with chromium(f"--ignore-certificate-errors-spki-list={mark}") as browser:
        yield browser


@contextmanager
def opened(
    browser: Browser, deployment: Deployment, bus: BusClient, language: str
) -> Iterator[DeployedPage]:
    """The console in one language, in a context that forgets everything when it closes."""
    width, height = Size.WIDE.value
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=language, has_touch=True
    )
    context.set_default_timeout(30_000)
    page = DeployedPage(context.new_page(), f"https://localhost:{deployment.console_port}", bus)
    page.open("/")
    yield page
    context.close()
    assert page.troubles == []


def text_of(pdf: Path) -> str:
    """All that stands in it."""
    return " ".join(page.extract_text() for page in PdfReader(pdf).pages)
