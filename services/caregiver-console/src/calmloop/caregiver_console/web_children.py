"""The children's codes and bounds, which scenario-selector keeps."""

import asyncio
import secrets
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from calmloop.caregiver_console.access import allowed_actor
from calmloop.caregiver_console.actors import Actor
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError, read_body
from calmloop.caregiver_console.desk import PUBLISHED
from calmloop.caregiver_console.requests import PROFILE, CommandRequest
from calmloop.contract.messages.profiles import ProfileBounds, ProfileCommand

ANSWER_S = 3.0
MAX_ASKED = 4
"""At once: each waits in a thread."""


class ChildWays:
    """What is asked about children."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._places = asyncio.Semaphore(MAX_ASKED)

    async def codes(self, request: Request) -> Response:
        """The codes of those who have a profile."""
        allowed_actor(self._backstage, request)
        return JSONResponse({"children": list(self._backstage.children.codes)})

    async def show(self, request: Request) -> Response:
        """The bounds of one."""
        actor = allowed_actor(self._backstage, request)
        return await self._ask(request, actor, {"action": "show"})

    async def write(self, request: Request) -> Response:
        """Writes them; what is left out stays."""
        actor = allowed_actor(self._backstage, request)
        bounds = await read_body(request, ProfileBounds)
        written = bounds.model_dump(mode="json", exclude_none=True)
        return await self._ask(request, actor, {"action": "write", "bounds": written})

    async def _ask(self, request: Request, actor: Actor, what: dict[str, Any]) -> Response:
        code, name = request.path_params["code"], secrets.token_hex(8)
        try:
            ProfileCommand(profile=code, request=name, **what)
        except ValidationError:
            raise HttpError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "code: small letters, digits, '-' and '_', at most 40",
            ) from None
        asked = CommandRequest(
            id=name, command=PROFILE, arguments={"profile": code, "request": name, **what}
        )
        sent = await asyncio.wrap_future(self._backstage.desk.submit(asked, actor))
        if sent.outcome != PUBLISHED:
            raise HttpError(sent.status, sent.reason)
        async with self._places:
            answer = await asyncio.to_thread(self._backstage.children.answer_to, name, ANSWER_S)
        if answer is None:
            raise HttpError(
                HTTPStatus.GATEWAY_TIMEOUT,
                "no answer from the scenario-selector: see Health",
            )
        if answer.refusal:
            raise HttpError(HTTPStatus.CONFLICT, answer.refusal)
        bounds = answer.bounds.model_dump(mode="json") if answer.bounds else {}
        return JSONResponse({"code": answer.profile, "profile": bounds})
