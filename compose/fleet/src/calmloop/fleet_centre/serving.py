"""Serves HTTPS until it is told to end, and tells the application who asks."""

import asyncio
import logging
import socket
import ssl
from http import HTTPStatus
from pathlib import Path

import structlog
import uvicorn
from cryptography import x509
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from calmloop.base.errors import ConfigurationError
from calmloop.base.web_bounds import IDLE_S, MAX_HEAD_BYTES, BoundedProtocol
from calmloop.fleet_centre.settings import ServedSettings

PEER = "peer"


class PeerProtocol(BoundedProtocol):
    """Hands on the certificate of whoever asks, which TLS has checked."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keeps it for every request on this connection."""
        secured = transport.get_extra_info("ssl_object")
        peer = secured.getpeercert(binary_form=True) if secured else None
        self.app_state = {**self.app_state, PEER: peer}
        super().connection_made(transport)


def peer_of(request: Request) -> x509.Certificate | None:
    """The certificate of whoever asks; None: it showed none."""
    shown = request.scope.get("state", {}).get(PEER)
    return x509.load_der_x509_certificate(shown) if shown else None


async def failed(request: Request, error: Exception) -> Response:
    """Says no more than that, and logs the rest."""
    log = structlog.get_logger("fleet-web")
    log.error("an answer failed", path=request.url.path[:100], exc_info=error)
    return PlainTextResponse("this failed, and is logged", HTTPStatus.INTERNAL_SERVER_ERROR)


def tls_of(settings: ServedSettings, clients: Path | None = None) -> ssl.SSLContext:
    """TLS with the server's certificate.

    Args:
        settings: Which that is.
        clients: Whose certificates those who ask may show; None: nobody is asked for one.

    Raises:
        ConfigurationError: a file is not right.
    """
    certificate, key = settings.tls_certificate_file, settings.tls_key_file
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if clients:
            context.load_verify_locations(clients)
            context.verify_mode = ssl.CERT_OPTIONAL
    except OSError as error:
        raise ConfigurationError(
            f"{certificate}, {key} or {clients} cannot be used ({error.strerror or error}): check"
            " the paths, and that the key is the certificate's"
        ) from None
    return context


class WebServer:
    """One address.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, app: ASGIApp, address: str, port: int, tls: ssl.SSLContext) -> None:
        """Takes the address.

        Raises:
            ConfigurationError: it cannot be had.
        """
        try:
            self._socket = socket.create_server((address, port))
        except OSError as error:
            raise ConfigurationError(
                f"{address}:{port} cannot be listened on ({error.strerror}): choose another"
            ) from None
        self.port = self._socket.getsockname()[1]
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        config = uvicorn.Config(
            app,
            http=PeerProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=round(IDLE_S),
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        )
        config.load()
        config.ssl = tls
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serves until it gets SIGTERM or SIGINT, or `stop` is called."""
        self._server.run([self._socket])

    def stop(self) -> None:
        """Ends `run`; any thread may call it."""
        self._server.should_exit = True
