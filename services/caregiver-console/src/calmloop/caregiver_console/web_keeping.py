"""What is kept of a child, in its guardians' hands: how long, a copy of all of it, its erasure."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from calmloop.caregiver_console.access import allowed_actor
from calmloop.caregiver_console.actors import Actor, Role
from calmloop.caregiver_console.answers import ChildErased, LogErased
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError, RequestBody
from calmloop.caregiver_console.log_client import CODE, LogAnswer, LogClient
from calmloop.caregiver_console.web_children import ChildWays
from calmloop.caregiver_console.web_history import HistoryWays, handed_on, refusal_in

EVENTS, SESSIONS, SAMPLES = 500, 200, 2000
"""Of one question to the session-log, so that a large child needs no more memory than a small."""


class KeepRequest(BaseModel):
    """How long a child's sessions are kept; the session-log has the bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_days: int = Field(ge=1, le=36500)


class EraseRequest(BaseModel):
    """That it is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confirm: str = Field(max_length=40, description="The code again.")


class KeepingWays:
    """What is asked about the keeping of a child's record."""

    def __init__(self, backstage: Backstage, history: HistoryWays, children: ChildWays) -> None:
        self._backstage, self._history, self._children = backstage, history, children

    async def show(self, request: Request) -> Response:
        """In short, what is kept of a child, and for how long."""
        allowed_actor(self._backstage, request)
        code = request.path_params["code"]
        return handed_on(await self._history.ask(LogClient.read, f"children/{code}", ""))

    async def keep(self, request: Request, body: RequestBody[KeepRequest]) -> Response:
        """Sets how long the sessions of a child are kept."""
        actor, code = self._asked(request)
        given = await body.read()
        before = await self._history.ask(LogClient.read, f"children/{code}", "")
        answer = await self._history.ask(LogClient.keep_for, code, given.keep_days, actor.name)
        if answer.status == HTTPStatus.OK:
            kept = json.loads(before.body) if before.status == HTTPStatus.OK else {}
            values = {"keep_days": given.keep_days, "keep_days before": kept.get("keep_days")}
            self._backstage.record(actor, "keep_days", {"profile": code} | values)
        return handed_on(answer)

    async def erase(self, request: Request, body: RequestBody[EraseRequest]) -> ChildErased:
        """Erases all that session-log and scenario-selector keep of a child, for good."""
        actor, code = self._asked(request, Role.TECHNICIAN)
        given = await body.read()
        if given.confirm != code:
            raise HttpError(
                HTTPStatus.CONFLICT, f"confirm: has to be '{code}' to erase it: type it again"
            )
        selector = await self._children.erase(code, actor)
        log, refused = await self._erase_log(code)
        # The act stays with the chair: whoever asks later learns when and by whom.
        told: dict[str, object] = {
            "selector": selector.told,
            "log": log.refusal or f"{log.sessions} sessions",
        }
        self._backstage.record(actor, "erase", {"profile": code} | told)
        if refused is not None and not selector.erased and not selector.left:
            raise refused
        return ChildErased(log=log, selector=selector)

    async def _erase_log(self, code: str) -> tuple[LogErased, HttpError | None]:
        """What became of it there, and what that comes to where nothing else was erased."""
        try:
            if self._backstage.log is None:
                await asyncio.to_thread(self._unname, code)
            answer = await self._history.ask(self._erase, code)
        except HttpError as error:
            return LogErased(refusal=error.text), error
        if refusal := refusal_in(answer):
            has_none = answer.status == HTTPStatus.NOT_FOUND
            status = HTTPStatus(handed_on(answer).status_code)
            return LogErased(refusal="" if has_none else refusal), HttpError(status, refusal)
        return LogErased.model_validate_json(answer.body), None

    def _unname(self, code: str) -> None:
        """Without a log the console's own record is all there is."""
        with suppress(TimeoutError), self._backstage.erasing(code):
            pass

    async def export(self, request: Request) -> Response:
        """All that is kept of a child, as one JSON document."""
        actor, code = self._asked(request)
        summary = await self._history.ask(LogClient.read, f"children/{code}", "")
        if summary.status != HTTPStatus.OK:
            return handed_on(summary)
        profile = await self._children.kept(code, actor)
        self._backstage.record(actor, "export", {"profile": code})
        name = quote(f"calmloop-{code}.json")
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        written = profile.model_dump_json() if profile else "null"
        parts = self._parts(code, summary.body, written)
        return StreamingResponse(parts, headers=headers, media_type="application/json")

    async def _parts(self, code: str, summary: bytes, profile: str) -> AsyncIterator[bytes]:
        yield b'{"child": ' + summary
        yield f', "profile": {profile}'.encode()
        yield b', "events": ['
        async for part in self._pages(f"children/{code}/events", EVENTS, "events", "after", []):
            yield part
        yield b'], "sessions": ['
        ids: list[str] = []
        path = f"sessions?child={code}"
        async for part in self._pages(path, SESSIONS, "sessions", "before_ms", ids):
            yield part
        yield b'], "samples": {'
        for number, session in enumerate(ids):
            yield f"{', ' if number else ''}{json.dumps(session)}: [".encode()
            pages = self._pages(f"sessions/{session}/samples", SAMPLES, "samples", "after_ms", [])
            async for part in pages:
                yield part
            yield b"]"
        yield b"}}\n"

    async def _pages(
        self, asked: str, limit: int, key: str, mark: str, ids: list[Any]
    ) -> AsyncIterator[bytes]:
        """The items of a list, page by page; a page that does not come ends the document early."""
        path, _, query = asked.partition("?")
        after, between = "", ""
        while True:
            asked_for = f"{query}&limit={limit}{after}".lstrip("&")
            answer = await self._history.ask(LogClient.read, path, asked_for)
            if answer.status != HTTPStatus.OK:
                raise ConnectionError(f"the session-log answers {answer.status}")
            page: dict[str, Any] = json.loads(answer.body)
            ids += [item.get("id", "") for item in page[key]]
            if page[key]:
                yield (between + json.dumps(page[key], ensure_ascii=False)[1:-1]).encode()
                between = ", "
            if page[mark] is None:
                return
            after = f"&{mark}={page[mark]}"

    def _erase(self, log: LogClient, code: str) -> LogAnswer:
        try:
            with self._backstage.erasing(code):
                return log.erase(code)
        except TimeoutError:
            # One of the socket is an OSError as well, and one as good.
            raise OSError("what waits for the session-log was not cleared") from None

    def _asked(self, request: Request, role: Role | None = None) -> tuple[Actor, str]:
        actor = allowed_actor(self._backstage, request, role)
        if not actor.commands:
            raise HttpError(HTTPStatus.FORBIDDEN, "a caregiver has to log in for this")
        code: str = request.path_params["code"]
        if not CODE.fullmatch(code):
            raise HttpError(HTTPStatus.NOT_FOUND, "history: no such child")
        return actor, code
