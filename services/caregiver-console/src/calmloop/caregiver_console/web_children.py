"""The children's codes and bounds, which scenario-selector keeps."""

import asyncio
import json
import secrets
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from calmloop.caregiver_console.access import allowed_actor
from calmloop.caregiver_console.actors import Actor
from calmloop.caregiver_console.answers import ChildCodes, ChildProfile, SelectorErased
from calmloop.caregiver_console.audit import CHILD
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError, RequestBody
from calmloop.caregiver_console.desk import PUBLISHED
from calmloop.caregiver_console.requests import PROFILE, CommandRequest
from calmloop.contract.messages.profiles import PRIVATE, ProfileBounds, ProfilesState
from calmloop.contract.messages.session import Name

ANSWER_S = 3.0
MAX_ASKED = 4
"""At once: each waits in a thread."""


class ChildWays:
    """What is asked about children."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._places = asyncio.Semaphore(MAX_ASKED)

    async def codes(self, request: Request) -> ChildCodes:
        """The codes of those who have a profile."""
        allowed_actor(self._backstage, request)
        return ChildCodes(children=list(self._backstage.children.codes))

    async def show(self, request: Request) -> ChildProfile:
        """The bounds of one."""
        actor = allowed_actor(self._backstage, request)
        code = request.path_params["code"]
        bounds = await self._ask(code, actor, {"action": "show"})
        return ChildProfile(code=code, profile=bounds)

    async def write(self, request: Request, body: RequestBody[ProfileBounds]) -> ChildProfile:
        """Writes them; what is left out stays. What they were is kept with who changed them."""
        actor = allowed_actor(self._backstage, request)
        bounds = await body.read()
        written = bounds.model_dump(mode="json", exclude_none=True)
        code = request.path_params["code"]
        before = ProfileBounds()
        if code in self._backstage.children.codes:
            before = await self._ask(code, actor, {"action": "show"})
        after = await self._ask(code, actor, {"action": "write", "bounds": written})
        values = {key: _told(after, key) for key in written}
        values |= {f"{key} before": _told(before, key) for key in written}
        self._backstage.record(actor, "profile written", {CHILD: code} | values)
        return ChildProfile(code=code, profile=after)

    async def kept(self, code: str, actor: Actor) -> ProfileBounds | None:
        """The profile of a child for a copy of all that is kept; None where there is none.

        Raises:
            HttpError: the selector does not answer.
        """
        if code not in self._backstage.children.codes:
            return None
        return await self._ask(code, actor, {"action": "show"})

    async def erase(self, code: str, actor: Actor) -> SelectorErased:
        """Has the selector erase what it keeps of a child; never raises."""
        try:
            answer = await self._answer(code, actor, {"action": "erase"})
        except HttpError as error:
            return SelectorErased(refusal=error.text)
        return SelectorErased(erased=answer.erased, left=answer.left, refusal=answer.refusal)

    async def _ask(self, code: str, actor: Actor, what: dict[str, Any]) -> ProfileBounds:
        answer = await self._answer(code, actor, what)
        if answer.refusal:
            raise HttpError(HTTPStatus.CONFLICT, answer.refusal)
        return answer.bounds or ProfileBounds()

    async def _answer(self, code: str, actor: Actor, what: dict[str, Any]) -> ProfilesState:
        name = secrets.token_hex(8)
        try:
            TypeAdapter(Name).validate_python(code)
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
        return answer


def _told(bounds: ProfileBounds, key: str) -> str:
    """For the record, which has no text of a profile."""
    if key in PRIVATE:
        return f"{len(getattr(bounds, key) or '')} characters"
    return json.dumps(bounds.model_dump(mode="json")[key])
