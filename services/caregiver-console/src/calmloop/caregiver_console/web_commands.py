"""Commands over a WebSocket and by POST: the same, both ways at once."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from calmloop.caregiver_console.access import has_csrf
from calmloop.caregiver_console.actors import ANYBODY, Actor
from calmloop.caregiver_console.answers import CommandTold
from calmloop.caregiver_console.backstage import Backstage, address_of
from calmloop.caregiver_console.bodies import HttpError, RequestBody, parsed
from calmloop.caregiver_console.desk import REFUSED, CommandAnswer
from calmloop.caregiver_console.guard import trusted
from calmloop.caregiver_console.logins import actor_of
from calmloop.caregiver_console.requests import STOP, CommandRequest

ANSWER_S = 3.0
"""The bus' thread turns ten times a second: later it hangs, and nothing may be taken for sent."""


class CommandWays:
    """Both of them."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    async def post(
        self, request: Request, body: RequestBody[CommandRequest]
    ) -> Annotated[Response, CommandTold]:
        """One command, one answer."""
        asked = await body.read()
        answer = await self._answer(asked, self._actor(request), request)
        return JSONResponse(_told(asked.id, answer), answer.status)

    async def socket(self, socket: WebSocket) -> None:
        """One message each way, for as long as the page is open."""
        await socket.accept()
        try:
            while True:
                await socket.send_json(await self._answer_text(await socket.receive_text(), socket))
        except (WebSocketDisconnect, RuntimeError, KeyError):
            # Gone, or bytes came where text was expected.
            return

    async def _answer_text(self, text: str, socket: WebSocket) -> dict[str, Any]:
        try:
            asked = parsed(text, CommandRequest)
        except HttpError as error:
            return _told("", CommandAnswer(REFUSED, error.text))
        actor = self._backstage.actor(socket)
        return _told(asked.id, await self._answer(asked, actor, socket))

    async def _answer(
        self, asked: CommandRequest, actor: Actor, connection: Request | WebSocket
    ) -> CommandAnswer:
        if asked.command != STOP:
            if not trusted(connection.scope):
                return _refused("another site's page asks: only a stop is taken", 403)
            if not self._backstage.rate.passes(address_of(connection)):
                return _refused("too much is asked from here: wait a second", 429)
        waiting = asyncio.wrap_future(self._backstage.desk.submit(asked, actor))
        try:
            return await asyncio.wait_for(waiting, ANSWER_S)
        except TimeoutError:
            return _refused("the console hangs: press the red button on the chair", 503)

    def _actor(self, request: Request) -> Actor:
        """Without the login's own token a request counts as anybody's, whatever its cookie."""
        login = self._backstage.login(request)
        return actor_of(login) if login and has_csrf(request, login.csrf) else ANYBODY


def _told(id_: str, answer: CommandAnswer) -> dict[str, Any]:
    told = CommandTold(
        id=id_, outcome=answer.outcome, reason=answer.reason, confirmed=answer.confirmed
    )
    return told.model_dump(mode="json")


def _refused(reason: str, status: int) -> CommandAnswer:
    return CommandAnswer(REFUSED, reason, HTTPStatus(status))
