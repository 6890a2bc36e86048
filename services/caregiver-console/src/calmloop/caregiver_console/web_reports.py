"""Reports for a clinician, as PDF: for those who may read what they are made of."""

import asyncio
import json
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from calmloop.base.languages import Language
from calmloop.caregiver_console.access import allowed_actor
from calmloop.caregiver_console.answers import ReportsAnswer
from calmloop.caregiver_console.audit import CHILD
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError, RequestBody
from calmloop.caregiver_console.log_client import CODE, LogClient
from calmloop.caregiver_console.rate import AddressRate
from calmloop.caregiver_console.report_process import BUSY_TEXT, Hindrance, ReportRefusedError
from calmloop.caregiver_console.web_history import HistoryWays

PER_S, BURST = 0.1, 6.0
"""Reports of one login: a person who reads asks for fewer."""
STATUS = {
    Hindrance.NOT_KEPT: HTTPStatus.NOT_FOUND,
    Hindrance.LOG_AWAY: HTTPStatus.BAD_GATEWAY,
    Hindrance.NOT_INSTALLED: HTTPStatus.SERVICE_UNAVAILABLE,
    Hindrance.BUSY: HTTPStatus.CONFLICT,
    Hindrance.TOO_SLOW: HTTPStatus.GATEWAY_TIMEOUT,
    Hindrance.FAILED: HTTPStatus.BAD_GATEWAY,
}


class ReportRequest(BaseModel):
    """What is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="A session's id, or a child's code; a session goes first.",
    )
    language: Language
    zone: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_+/-]{0,64}$",
        description="Of its times, as `Europe/Riga`; empty or unknown: the console's.",
    )


class ReportWays:
    """What is asked about reports."""

    def __init__(self, backstage: Backstage, history: HistoryWays) -> None:
        self._backstage, self._history = backstage, history
        self._rate = AddressRate(backstage.clock, PER_S, BURST)

    async def show(self, request: Request) -> ReportsAnswer:
        """Whether a report can be made here, and what is missing for it."""
        allowed_actor(self._backstage, request)
        reason = await self._backstage.reports.missing()
        return ReportsAnswer(available=not reason, reason=reason)

    async def make(self, request: Request, body: RequestBody[ReportRequest]) -> Response:
        """Makes the report of a session, or of a child's course."""
        actor = allowed_actor(self._backstage, request)
        given = await body.read()
        kept = await self._kept(given.name)
        if self._backstage.reports.busy:
            raise HttpError(HTTPStatus.CONFLICT, BUSY_TEXT)
        if not self._rate.passes(actor.name):
            raise HttpError(
                HTTPStatus.TOO_MANY_REQUESTS, "report: too many are asked for: wait 10 s"
            )
        # Before it is made, so that an erasure meanwhile takes the child's name from this, too.
        self._backstage.record(actor, "report", kept | {"language": given.language.value})
        assert self._backstage.log is not None
        asked = given.model_dump(mode="json") | self._backstage.log.access._asdict()
        pdf = await _unless_gone(request, self._backstage.reports.make(asked))
        name = f"calmloop-{given.name}-{given.language}.pdf"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(pdf, headers=headers, media_type="application/pdf")

    async def _kept(self, name: str) -> dict[str, object]:
        """Which session and child it is of, for the record of acts."""
        session = await self._asked(f"sessions/{name}")
        if session is not None:
            return {CHILD: session["child"], "session": session["id"]}
        child = await self._asked(f"children/{name}") if CODE.fullmatch(name) else None
        if child is None:
            raise HttpError(
                HTTPStatus.NOT_FOUND, "report: neither a session nor a child is kept by this name"
            )
        return {CHILD: child["code"]}

    async def _asked(self, path: str) -> dict[str, Any] | None:
        answer = await self._history.ask(LogClient.read, path, "")
        if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
            return None
        if answer.status != HTTPStatus.OK:
            raise HttpError(
                HTTPStatus.BAD_GATEWAY, f"report: the session-log answers {answer.status}"
            )
        found: dict[str, Any] = json.loads(answer.body)
        return found


async def _unless_gone(request: Request, making: Coroutine[Any, Any, bytes]) -> bytes:
    """What is made, unless who asks for it stops waiting: then it is no longer made, either.

    Raises:
        HttpError: there is none, and why.
    """
    tasks = (asyncio.create_task(making), asyncio.create_task(_gone(request)))
    made, _ = tasks
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if made.done():
            return made.result()
    except ReportRefusedError as error:
        raise HttpError(STATUS[error.hindrance], str(error)) from None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    raise HttpError(HTTPStatus.BAD_REQUEST, "report: the connection ended before it")


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
