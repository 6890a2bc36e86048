"""The session-log over HTTP, as the console asks it: bounded in what is asked and answered."""

import http.client
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from calmloop.base.errors import ConfigurationError

TIMEOUT_S = 5.0
ERASE_S = 150.0
"""The log is written anew, whatever its size."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""A child's."""
READABLE = re.compile(
    r"state|events|sessions(/[A-Za-z0-9._-]{1,64}(/(events|samples))?)?"
    r"|children(/[a-z0-9][a-z0-9_-]{0,39}(/events)?)?"
)
"""What may be read through the console."""
QUERY = re.compile(r"[A-Za-z0-9_=&.-]{0,500}")


class LogAccess(NamedTuple):
    """What another process needs to read there."""

    host: str
    port: int
    token: str


@dataclass(frozen=True)
class LogAnswer:
    """What came back."""

    status: int
    body: bytes


class LogClient:
    """Speaks to one session-log; each call is a connection of its own, and blocks."""

    def __init__(self, host: str, port: int, read_token: str, write_token: str) -> None:
        self._host, self._port = host, port
        self._read_token, self._write_token = read_token, write_token

    @property
    def access(self) -> LogAccess:
        """For a process that reads, and never writes."""
        return LogAccess(self._host, self._port, self._read_token)

    def read(self, path: str, query: str) -> LogAnswer:
        """What is kept.

        Args:
            path: Below `/v1/`, one that READABLE has.
            query: As it was asked, if QUERY allows it.

        Raises:
            ValueError: path or query is none of those.
            OSError: it does not answer.
        """
        if not READABLE.fullmatch(path) or not QUERY.fullmatch(query):
            raise ValueError(path)
        target = f"/v1/{path}?{query}" if query else f"/v1/{path}"
        return self._ask("GET", target, self._read_token, None)

    def enter(self, entry: dict[str, Any]) -> LogAnswer:
        """Keeps an entry.

        Raises:
            OSError: it does not answer.
        """
        return self._ask("POST", "/v1/entries", self._write_token, _json(entry))

    def keep_for(self, code: str, days: int, by: str) -> LogAnswer:
        """Sets how long a child's sessions are kept.

        Raises:
            ValueError: the code is none.
            OSError: it does not answer.
        """
        body = _json({"keep_days": days, "by": by})
        return self._ask("PUT", _child(code), self._write_token, body)

    def erase(self, code: str) -> LogAnswer:
        """Erases all that is kept of a child, for good; takes as long as it takes.

        Raises:
            ValueError: the code is none.
            OSError: it does not answer.
        """
        target = f"{_child(code)}?confirm={code}"
        return self._ask("DELETE", target, self._write_token, None, ERASE_S)

    def _ask(
        self,
        method: str,
        target: str,
        token: str,
        body: bytes | None,
        timeout_s: float = TIMEOUT_S,
    ) -> LogAnswer:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            read = answer.read(MAX_ANSWER_BYTES + 1)
        except http.client.HTTPException as error:
            raise OSError(f"the session-log answers nonsense: {error!r}") from None
        finally:
            connection.close()
        if len(read) > MAX_ANSWER_BYTES:
            told = {"detail": f"more than {MAX_ANSWER_BYTES} bytes: ask for less at once"}
            return LogAnswer(HTTPStatus.BAD_GATEWAY, json.dumps(told).encode())
        return LogAnswer(answer.status, read)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _child(code: str) -> str:
    if not CODE.fullmatch(code):
        raise ValueError(code)
    return f"/v1/children/{code}"


def read_token(path: Path, key: str) -> str:
    """The token in a file.

    Raises:
        ConfigurationError: it cannot be read, or is empty.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        token = ""
    if not token.isascii() or not token.isprintable() or not token:
        raise ConfigurationError(
            f"caregiver_console.{key}: {path} cannot be read, or holds no token: it is the"
            " session-log's, which this user has to be allowed to read"
        )
    return token
