"""Answers HTTP in a thread of its own; a port that is taken is tried again."""

import socket
import threading

import structlog
import uvicorn
from fastapi import FastAPI

BACKLOG = 64
MAX_REQUESTS = 32
"""At a time; more are told to come again."""
IDLE_S = 5
MAX_HEAD_BYTES = 16_384


class HttpServer:
    """Answers on one address.

    Attributes:
        app: What it answers with.
        trouble: Why it does not; empty while it does.
    """

    def __init__(
        self, app: FastAPI, host: str, port: int, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        self.app = app
        self._host, self._port, self._log = host, port, log
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                limit_concurrency=MAX_REQUESTS,
                timeout_keep_alive=IDLE_S,
                timeout_graceful_shutdown=2,
                h11_max_incomplete_event_size=MAX_HEAD_BYTES,
            )
        )
        self._thread: threading.Thread | None = None
        self.trouble = ""

    @property
    def crashed(self) -> bool:
        """It answered, and does not any more."""
        return self._thread is not None and not self._thread.is_alive()

    def start(self) -> None:
        """Begins to answer, unless the port is another's: then call it again later."""
        if self._thread is not None:
            return
        try:
            bound = self._bind()
        except OSError as error:
            self.trouble = (
                f"http: {self._host}:{self._port} cannot be used ({error.strerror}): end what has"
                " it, or set session_log.http_host and http_port"
            )
            return
        self.trouble = ""
        self._thread = threading.Thread(
            target=self._server.run, args=([bound],), name="log-http", daemon=True
        )
        self._thread.start()
        self._log.info("answers", host=self._host, port=self._port)

    def stop(self, timeout_s: float) -> None:
        """Answers what it has, and no more."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((self._host, self._port))
            bound.listen(BACKLOG)
        except OSError:
            bound.close()
            raise
        return bound
