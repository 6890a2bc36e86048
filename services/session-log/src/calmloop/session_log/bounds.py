"""Bounds of a request: how large it may be, and how long it may take to arrive."""

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 32_768
"""A note of 2000 characters with all of them escaped is less."""
ARRIVES_S = 5.0


class RequestBounds:
    """Refuses a body that is too large or too slow, before anything reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(_read(receive), ARRIVES_S)
        except TimeoutError:
            await _refuse(send, 408, f"it took longer than {ARRIVES_S:g} s to arrive")
            return
        if body is None:
            await _refuse(send, 413, f"it is larger than {MAX_BODY_BYTES} bytes")
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)


async def _read(receive: Receive) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return body


async def _refuse(send: Send, status: int, why: str) -> None:
    text = json.dumps({"detail": f"the request was refused: {why}"}).encode()
    headers: Any = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
