"""Serves the labelling page to browsers on this machine, and to nobody else.

It listens on loopback, and every address begins with a token that only the terminal shows. A page
from elsewhere that had its own name point here (DNS rebinding) is refused by `Host` and `Origin`.
"""

import json
import re
import secrets
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pydantic import ValidationError

from calmloop.base.errors import CalmloopError, ConfigurationError
from calmloop.labelling.desk import Desk, GivenAnswer

LOOPBACK = "127.0.0.1"
PAGE = Path(__file__).with_name("page.html")
NONCE = "{{nonce}}"
MAX_BODY_BYTES = 1024
STALLED_AFTER_S = 10
PICTURE = re.compile(r"segments/(\d{1,7})/(\d{1,7})\.jpg")
JSON_TYPE = "application/json"


class RefusalError(CalmloopError):
    """A request that gets no answer but this status and text."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class LabelServer(ThreadingHTTPServer):
    """The page and the few requests that it makes; `url` is where a person finds it."""

    daemon_threads = True

    def __init__(self, desk: Desk, port: int = 0) -> None:
        """Binds the port, a free one if it is 0.

        Raises:
            ConfigurationError: the port is taken or not allowed.
        """
        self.desk = desk
        self.token = secrets.token_urlsafe(16)
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise ConfigurationError(
                f"--port {port} cannot be used ({error.strerror}): name another, or leave it out"
            ) from error
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}
        self.url = f"http://{LOOPBACK}:{self.server_port}/{self.token}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of a browser that went away in the middle of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: LabelServer
    server_version, sys_version = "calmloop", ""
    timeout = STALLED_AFTER_S

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, *_: object) -> None:
        """Nothing: a line would show the token."""

    def _answer(self, how: Callable[[str], None]) -> None:
        try:
            how(self._admitted())
        except RefusalError as refusal:
            self._send_error(refusal.status, str(refusal))
        except CalmloopError as error:
            self._send_error(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _admitted(self) -> str:
        """The path below the token."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        if host not in self.server.hosts or origin not in (None, f"http://{host}"):
            raise RefusalError(HTTPStatus.FORBIDDEN, "open the address that the terminal shows")
        token, _, rest = self.path.removeprefix("/").partition("/")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            raise RefusalError(HTTPStatus.NOT_FOUND, "open the address that the terminal shows")
        return rest

    def _get(self, path: str) -> None:
        if path == "":
            self._send_page()
        elif path == "state":
            self._send(self.server.desk.state().model_dump_json().encode(), JSON_TYPE)
        elif found := PICTURE.fullmatch(path):
            picture = self.server.desk.picture(int(found[1]), int(found[2]))
            if picture is None:
                raise RefusalError(HTTPStatus.NOT_FOUND, "no such picture")
            self._send(picture, "image/jpeg")
        else:
            raise RefusalError(HTTPStatus.NOT_FOUND, "no such page")

    def _post(self, path: str) -> None:
        body = self._body()
        if path == "answer":
            try:
                given = GivenAnswer.model_validate_json(body)
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]["msg"]
                raise RefusalError(HTTPStatus.BAD_REQUEST, fault) from error
            if not self.server.desk.give(given):
                raise RefusalError(HTTPStatus.BAD_REQUEST, f"there is no segment {given.segment}")
            self._send(given.model_dump_json().encode(), JSON_TYPE)
        elif path == "undo":
            self._send(self.server.desk.undo().model_dump_json().encode(), JSON_TYPE)
        else:
            raise RefusalError(HTTPStatus.NOT_FOUND, "no such action")

    def _body(self) -> bytes:
        if self.headers.get("Content-Type") != JSON_TYPE:
            raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {JSON_TYPE}")
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"\d{1,4}", length) or int(length) > MAX_BODY_BYTES:
            raise RefusalError(
                HTTPStatus.BAD_REQUEST, f"send a body of at most {MAX_BODY_BYTES} bytes"
            )
        return self.rfile.read(int(length))

    def _send_page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        page = PAGE.read_text(encoding="utf-8").replace(NONCE, nonce)
        policy = (
            "default-src 'none'; img-src 'self' data:; connect-src 'self'; base-uri 'none';"
            f" form-action 'none'; frame-ancestors 'none'; style-src 'nonce-{nonce}';"
            f" script-src 'nonce-{nonce}'"
        )
        self._send(page.encode(), "text/html; charset=utf-8", policy=policy)

    def _send_error(self, status: HTTPStatus, text: str) -> None:
        self._send(json.dumps({"error": text}).encode(), JSON_TYPE, status)

    def _send(
        self,
        body: bytes,
        kind: str,
        status: HTTPStatus = HTTPStatus.OK,
        policy: str = "default-src 'none'; frame-ancestors 'none'",
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)
