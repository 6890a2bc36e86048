"""What every answer carries, and which requests are a browser's own of this console.

A request from another site's page, or under a strange name, may do one thing: stop.
"""

import ipaddress
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRUSTED = "calmloop.trusted"
"""In a request's scope: whether it comes from a page of this console, or from no browser."""
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class RequestGuard:
    """Around the whole application."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = frozenset(name.casefold() for name in names) | {"localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Marks the request, and adds the headers to what is answered."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        scope[TRUSTED] = self._is_ours(host) and _is_same(headers.get("origin"), host)

        async def guarded(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = _with_defaults(message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, guarded)

    def _is_ours(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname if host else None
        if name is None:
            return False
        return name.casefold() in self._names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_same(origin: str | None, host: str) -> bool:
    """Browsers send it with all that could change something; other programs need not."""
    return origin is None or urlsplit(origin).netloc.casefold() == host.casefold()


def _with_defaults(given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    headers = list(given)
    names = {name.lower() for name, _ in headers}
    headers += [(name, value) for name, value in HEADERS if name not in names]
    if b"cache-control" not in names:
        headers.append((b"cache-control", b"no-store"))
    return headers


def trusted(scope: Any) -> bool:
    """Whether a request comes from a page of this console, or from no browser."""
    return bool(scope.get(TRUSTED))
