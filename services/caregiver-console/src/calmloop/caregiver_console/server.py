"""The web server in a thread of its own, with bounds on what a client may hold."""

import logging
import socket
import ssl
import threading
from contextlib import suppress

import structlog
import uvicorn
from starlette.types import ASGIApp

from calmloop.base.errors import ConfigurationError
from calmloop.base.web_bounds import IDLE_S, MAX_HEAD_BYTES, BoundedProtocol
from calmloop.caregiver_console.bodies import MAX_BODY_BYTES
from calmloop.caregiver_console.settings import CaregiverConsoleSection

UNREAD_MS = 5000
"""Bytes that a client has not taken for so long: its connection ends (tcp(7), TCP_USER_TIMEOUT)."""
CLOSE_S = 2.0


class ConsoleServer:
    """Serves until it is closed.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, app: ASGIApp, section: CaregiverConsoleSection) -> None:
        """Takes the address and reads the certificate.

        Raises:
            ConfigurationError: either cannot be had.
        """
        self._socket = _listening(section.address, section.port)
        self.port = self._socket.getsockname()[1]
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        config = uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="wsproto",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=round(IDLE_S),
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
            ws_max_size=MAX_BODY_BYTES,
            ws_per_message_deflate=False,
        )
        config.load()
        config.ssl = _tls(section)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._crashed = False

    @property
    def crashed(self) -> bool:
        """Whether it has ended by itself."""
        return self._crashed

    def start(self) -> None:
        """Begins to serve."""
        self._thread.start()

    def close(self) -> None:
        """Ends it."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run([self._socket])
        except (Exception, SystemExit):  # noqa: BLE001
            structlog.get_logger("console").exception("the web server crashed")
        self._crashed = not self._server.should_exit


def _listening(address: str, port: int) -> socket.socket:
    try:
        family, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
        listening.bind(place)
        listening.listen(64)
    except OSError as error:
        raise ConfigurationError(
            f"caregiver_console: {address}:{port} cannot be listened on ({error.strerror}): choose"
            " another address or port"
        ) from None
    return listening


def _tls(section: CaregiverConsoleSection) -> ssl.SSLContext | None:
    certificate, key = section.tls_certificate_file, section.tls_key_file
    if certificate is None or key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"caregiver_console.tls_certificate_file: {certificate} with {key} cannot be used"
            f" ({error.strerror}): check both paths, and that the key is the certificate's"
        ) from None
    return context
