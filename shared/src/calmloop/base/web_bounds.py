"""Bounds on what a client of a web server may hold.

Needs uvicorn, which those who serve name themselves.
"""

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

IDLE_S = 10.0
"""A connection on which no request is under way, or whose head has not come whole, ends."""
MAX_CONNECTIONS = 128
MAX_OF_ADDRESS = 48
MAX_HEAD_BYTES = 16 * 1024


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 whose connections are counted by address, and end when they idle."""

    _idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuses one too many."""
        super().connection_made(transport)
        counts = Counter(_address(connection) for connection in self.connections)
        if len(self.connections) > MAX_CONNECTIONS or counts[_address(self)] > MAX_OF_ADDRESS:
            transport.abort()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the watch."""
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        self._idle = self.loop.call_later(IDLE_S, self._end_if_idle, self.cycle)

    def _end_if_idle(self, then: Any) -> None:
        """Ends it when no request began since, and none is under way."""
        if self.transport.get_protocol() is not self:
            return  # a WebSocket now, which pings
        waits = self.cycle is None or self.cycle.response_complete
        if waits and self.cycle is then:
            self.transport.abort()
        else:
            self._watch()


def _address(connection: Any) -> str:
    return connection.client[0] if connection.client else ""
