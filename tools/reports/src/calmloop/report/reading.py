"""Reads the session log over HTTP, a bounded number of pages."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from calmloop.report.errors import LogAwayError, NothingKeptError
from calmloop.report.records import RecordedCourse, RecordedSession, Row

TIMEOUT_S = 20.0
MAX_PAGES = 40
PAGE = 1000
SAMPLE_PAGE = 5000
MAX_SESSIONS = 60
"""Of a course, the newest."""
MAX_SAMPLED = 20
"""Of those, how many are read to their samples: half an hour has 3600 of them."""
TOLD_OF_CHILD = ("note", "consent", "contraindications", "learning", "setting", "rating")
NONE_SUCH = (404, 422)


@dataclass(frozen=True)
class LogAddress:
    """Where the session log answers, and the token that reads."""

    host: str
    port: int
    token: str


class RecordReader:
    """Asks one session log; every call blocks."""

    def __init__(self, address: LogAddress) -> None:
        self._address = address

    def find(self, name: str) -> RecordedSession | RecordedCourse:
        """The session or the child of this name; a session goes first.

        Raises:
            NothingKeptError: there is neither, or its key is gone.
            LogAwayError: the log does not answer, or refuses.
        """
        session = self._get(f"sessions/{quote(name, safe='')}")
        if session is not None:
            return self._session(session)
        child = self._get(f"children/{quote(name, safe='')}")
        if child is None:
            raise NothingKeptError(
                f"'{name[:64]}': neither a session nor a child is kept under this name; what was"
                " erased cannot be read any more: `calmloop log list` shows what is kept"
            )
        return self._course(child)

    def _session(self, summary: Row) -> RecordedSession:
        if not summary["child"]:
            raise NothingKeptError(
                f"session '{summary['id']}': the key of its child is not here, so nothing of it can"
                " be read: it was erased, or bring the key back: `calmloop log restore --keys`"
            )
        where = f"sessions/{quote(summary['id'], safe='')}"
        events, lost = self._pages(f"{where}/events", "events", "after", PAGE)
        samples, more_lost = self._pages(f"{where}/samples", "samples", "after_ms", SAMPLE_PAGE)
        return RecordedSession(summary, events, samples, lost + more_lost)

    def _course(self, child: Row) -> RecordedCourse:
        code = child["code"]
        page = self._get("sessions", child=code, limit=MAX_SESSIONS) or {"sessions": []}
        newest_first = page["sessions"]
        sessions = [self._session(one) for one in newest_first[:MAX_SAMPLED]]
        sessions += [RecordedSession(one) for one in newest_first[MAX_SAMPLED:]]
        wanted = [("kind", kind) for kind in TOLD_OF_CHILD]
        where = f"children/{quote(code, safe='')}/events"
        events, _ = self._pages(where, "events", "after", PAGE, wanted)
        left_out = max(0, int(child["sessions"]) - len(sessions))
        return RecordedCourse(code, sessions[::-1], events, left_out)

    def _pages(
        self,
        where: str,
        what: str,
        cursor: str,
        limit: int,
        query: list[tuple[str, str]] | None = None,
    ) -> tuple[list[Row], int]:
        rows: list[Row] = []
        unreadable, after = 0, 0
        for _ in range(MAX_PAGES):
            asked = urlencode([*(query or []), (cursor, after), ("limit", limit)])
            page = self._ask(f"{where}?{asked}") or {what: [], "unreadable": 0, cursor: None}
            rows += page[what]
            # Of samples each page counts the damaged rows from the beginning on.
            unreadable = max(unreadable, int(page["unreadable"]))
            if page[cursor] is None:
                break
            after = page[cursor]
        return rows, unreadable

    def _get(self, where: str, **query: object) -> Row | None:
        return self._ask(f"{where}?{urlencode(query)}" if query else where)

    def _ask(self, where: str) -> Row | None:
        """What is there; None where there is none such."""
        address = self._address
        name = f"{address.host}:{address.port}"
        connection = http.client.HTTPConnection(address.host, address.port, timeout=TIMEOUT_S)
        try:
            headers = {"Authorization": f"Bearer {address.token}"}
            connection.request("GET", f"/v1/{where}", headers=headers)
            answer = connection.getresponse()
            said: Any = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            raise LogAwayError(
                f"{name}: the session log does not answer: start it, or check"
                " session_log.http_host and http_port"
            ) from None
        finally:
            connection.close()
        if answer.status in NONE_SUCH:
            return None
        if answer.status != http.HTTPStatus.OK:
            told = said.get("detail") if isinstance(said, dict) else said
            raise LogAwayError(f"{name}: the session log refuses ({answer.status}): {told}")
        return dict(said)
