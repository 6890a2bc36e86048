"""Answers Prometheus in threads of its own; a port that is taken is tried again."""

import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from prometheus_client import make_wsgi_app
from prometheus_client.registry import CollectorRegistry

MAX_REQUESTS = 8
"""At a time; more are cut off: Prometheus asks once in a while."""
PATIENCE_S = 5.0
"""For a request that does not come, and an answer that is not taken."""

POLL_S = 0.1
"""How soon it notices that it is to end."""


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE_S

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: each scrape would be a line."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 2 * MAX_REQUESTS

    def __init__(self, host: str, port: int, app: Callable[..., Any]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._free = threading.BoundedSemaphore(MAX_REQUESTS)
        super().__init__((host, port), _Handler)
        self.set_app(app)

    def server_bind(self) -> None:
        # The one of HTTPServer asks for the host's name, which may take long without a network.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a client that went away."""


class MetricsServer:
    """Answers on one address.

    Attributes:
        trouble: Why it does not; empty while it does.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        host: str,
        port: int,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._app = make_wsgi_app(registry)
        self._host, self._port, self._log = host, port, log
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.trouble = ""

    @property
    def crashed(self) -> bool:
        """It answered, and does not any more."""
        return self._thread is not None and not self._thread.is_alive()

    def start(self) -> None:
        """Begins to answer, unless the port is another's: then call it again later."""
        if self._server is not None:
            return
        try:
            self._server = _Server(self._host, self._port, self._app)
        except OSError as error:
            self.trouble = (
                f"http: {self._host}:{self._port} cannot be used ({error.strerror}): end what has"
                " it, or set metrics_exporter.http_host and http_port"
            )
            return
        self.trouble = ""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_S,), name="metrics-http", daemon=True
        )
        self._thread.start()
        self._log.info("answers", host=self._host, port=self._port)

    def stop(self) -> None:
        """Answers no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
