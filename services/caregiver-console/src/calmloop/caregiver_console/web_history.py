"""What was: read from the session-log for those who have logged in, and what they add to it."""

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from calmloop.caregiver_console.access import allowed_actor
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError, RequestBody
from calmloop.caregiver_console.log_client import READABLE, LogAnswer, LogClient

MAX_ASKED = 4
"""At once: the others wait their turn."""
SESSIONS_OF = re.compile(r"children/([a-z0-9][a-z0-9_-]{0,39})/sessions")
ASKABLE = f"(?:{READABLE.pattern}|{SESSIONS_OF.pattern})"
"""What may be asked, as a regular expression."""
ENTERED = ("note", "rating", "consent", "contraindications", "notice")


class NewEntry(BaseModel):
    """What a caregiver adds; the session-log checks the rest of it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str = Field(max_length=40)


class HistoryWays:
    """What is asked about what was."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._threads = ThreadPoolExecutor(MAX_ASKED, "history")

    async def read(self, request: Request) -> Response:
        """One page of what is kept."""
        allowed_actor(self._backstage, request)
        path, query = request.path_params["path"], request.url.query
        if found := SESSIONS_OF.fullmatch(path):
            answer = await self.ask(LogClient.read, "sessions", f"child={found[1]}")
            return handed_on(answer) if answer.status != HTTPStatus.OK else _as_shown(answer)
        return handed_on(await self.ask(LogClient.read, path, query))

    async def enter(self, request: Request, body: RequestBody[NewEntry]) -> Response:
        """A note, a rating, a consent: under the name of whoever has logged in."""
        actor = allowed_actor(self._backstage, request)
        if not actor.commands:
            raise HttpError(HTTPStatus.FORBIDDEN, "a caregiver has to log in for this")
        given = await body.read()
        if given.kind not in ENTERED:
            raise HttpError(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"kind: must be one of {', '.join(ENTERED)}"
            )
        entry = given.model_dump(mode="json") | {"by": actor.name}
        return handed_on(await self.ask(LogClient.enter, entry))

    async def ask(self, call: Callable[..., LogAnswer], *arguments: Any) -> LogAnswer:
        """What the session-log answers to one of LogClient's calls.

        Raises:
            HttpError: 503 without a log, 502 where it does not answer, 404 for what it has not.
        """
        try:
            return await self._in_thread(call, self._log(), *arguments)
        except ValueError:
            raise HttpError(
                HTTPStatus.NOT_FOUND, "history: no such page: API.md has them"
            ) from None

    def close(self) -> None:
        """Lets the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _log(self) -> LogClient:
        if self._backstage.log is None:
            raise HttpError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "history: no session-log is set: caregiver_console.log_host and its tokens",
            )
        return self._backstage.log

    async def _in_thread(self, call: Any, *arguments: Any) -> LogAnswer:
        loop = asyncio.get_running_loop()
        try:
            answer: LogAnswer = await loop.run_in_executor(self._threads, call, *arguments)
        except OSError:
            raise HttpError(
                HTTPStatus.BAD_GATEWAY, "history: the session-log does not answer: see Health"
            ) from None
        return answer


def _as_shown(answer: LogAnswer) -> Response:
    """A child's sessions as the page lists them."""
    sessions = [
        {
            "session_id": past["id"],
            "started": past["began"],
            "ended": past["ended"],
            "scenario": past["scenario"],
            "minutes": past["minutes"],
            "rating": past["rating_after"],
            "end_reason": past["end_reason"],
        }
        for past in json.loads(answer.body)["sessions"]
    ]
    return JSONResponse({"sessions": sessions})


def handed_on(answer: LogAnswer) -> Response:
    """The session-log's answer as the console's own."""
    if refusal := refusal_in(answer):
        is_ours = answer.status in (401, 403)
        status = HTTPStatus.BAD_GATEWAY if is_ours else answer.status
        return JSONResponse({"error": refusal}, status)
    return Response(answer.body, answer.status, media_type="application/json")


def refusal_in(answer: LogAnswer) -> str:
    """Why the session-log has not done it; empty where it has."""
    if answer.status in (401, 403):
        return "history: the session-log refuses the console's token: caregiver_console.log_*_file"
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return f"history: {json.loads(answer.body)['detail']}"
    return ""
