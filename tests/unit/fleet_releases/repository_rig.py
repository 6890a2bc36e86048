"""A fleet's repository behind a real web server, and a client as a chair has one."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tuf.ngclient import Updater

from calmloop.device.bundle import Bundle
from calmloop.fleet.repository_commands import publish_bundle
from calmloop.fleet_releases.keys import make_keys
from calmloop.fleet_releases.repository import FleetRepository
from calmloop.fleet_releases.rollout import Rollout
from tests.unit.device.release_rig import make_release
from tests.unit.fleet_centre.fleet_certificates import HOST


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@contextmanager
def serving(folder: Path, tls: Path | None = None) -> Iterator[str]:
    """A web server of a folder's files; hands over its address.

    Args:
        folder: It.
        tls: A folder with its certificate, `server.crt`, and key, `server.key`; None: no TLS.
    """
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls / "server.crt", tls / "server.key")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class RepositoryRig:
    """Keys, a repository, and releases for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys, self.served = folder / "keys", folder / "served"
        self.now = datetime.now(UTC)
        make_keys(self.keys)
        self.root = self.repository().begin().read_bytes()

    def repository(self, *keys: Path) -> FleetRepository:
        """By these keys."""
        return FleetRepository(self.served, lambda: self.now, *(keys or (self.keys,)))

    def release(self, version: str) -> Path:
        """Where a release is that was made here."""
        return self.folder / f"release-{version}"

    def publish(self, version: str, **about: Any) -> None:
        """A release, to be seen by chairs."""
        release = make_release(self.release(version), version, **about)
        publish_bundle(self.repository(), Bundle.open(release, None))
        self.repository().refresh()

    @property
    def said(self) -> Rollout:
        """What is rolled out."""
        text = self.repository().rollout()
        assert text is not None
        return Rollout.model_validate_json(text)

    def file(self, name: str) -> Path:
        """The one file of the targets whose name ends so."""
        (found,) = (self.served / "targets").rglob(f"*.{name}")
        return found


def client(url: str, root: bytes, folder: Path) -> Updater:
    """What a chair asks by, with what it has seen before."""
    (folder / "targets").mkdir(parents=True, exist_ok=True)
    return Updater(
        str(folder),
        f"{url}/metadata",
        str(folder / "targets"),
        f"{url}/targets",
        bootstrap=root,
    )
