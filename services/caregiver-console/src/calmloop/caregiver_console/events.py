"""The states as server-sent events: every 80 ms by a schedule, the same bytes to all.

Who does not take them is cut off: nothing queues for long, and no client slows another.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.types import Receive, Send

from calmloop.caregiver_console.board import Board

PERIOD_S = 0.08
"""So that from publish to page it is 100 ms at most, which a tenth of a second would not leave."""
KEEP_ALIVE_S = 5.0
BEHIND = 25
"""Events that may wait for a client: 2 s of them."""
MAX_CLIENTS = 48
KEEP_ALIVE = b": still here\n\n"
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
]


@dataclass(eq=False)
class EventClient:
    """One page that looks."""

    known: bool
    is_valid: Callable[[], bool]
    queue: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(BEHIND))
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    sent_s: float = 0.0

    def offer(self, event: bytes, now_s: float) -> None:
        """Hands it an event, or cuts it off where it is too far behind."""
        try:
            self.queue.put_nowait(event)
            self.sent_s = now_s
        except asyncio.QueueFull:
            self.cut.set()


class EventHub:
    """All pages that look.

    Attributes:
        cut_off: Clients that were too slow.
    """

    def __init__(self, board: Board) -> None:
        self.cut_off = 0
        self._board = board
        self._clients: set[EventClient] = set()
        self._since = {False: 0, True: 0}

    async def run(self) -> None:
        """Sends by the schedule, without end."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s += PERIOD_S
            now_s = loop.time()
            if now_s - due_s > 1.0:
                due_s = now_s  # stopped for a while: nothing is caught up with
            await asyncio.sleep(max(0.0, due_s - now_s))
            self.tick(loop.time())

    def tick(self, now_s: float) -> None:
        """Offers everybody what came since the last tick."""
        for client in self._clients:
            if not client.is_valid():
                client.cut.set()
        for known in (False, True):
            clients = [client for client in self._clients if client.known is known]
            if clients:
                self._tell(clients, known, now_s)

    def _tell(self, clients: list[EventClient], known: bool, now_s: float) -> None:
        self._since[known], text = self._board.changes(self._since[known], known=known)
        event = _event(text) if text else b""
        for client in clients:
            if event or now_s - client.sent_s > KEEP_ALIVE_S:
                client.offer(event or KEEP_ALIVE, now_s)

    def join(self, client: EventClient) -> bool:
        """Adds a client, which gets the whole first; False where there are too many."""
        if len(self._clients) >= MAX_CLIENTS:
            return False
        alone = not any(other.known is client.known for other in self._clients)
        version, text = self._board.changes(0, known=client.known)
        if alone:
            self._since[client.known] = version
        client.offer(_event(text or "{}"), asyncio.get_running_loop().time())
        self._clients.add(client)
        return True

    async def serve(self, client: EventClient, receive: Receive, send: Send) -> None:
        """Sends a client its events until it goes, or is cut off."""
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        tasks = [
            asyncio.create_task(_pump(client, send)),
            asyncio.create_task(_gone(receive)),
            asyncio.create_task(client.cut.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._clients.discard(client)
            self.cut_off += client.cut.is_set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not client.cut.is_set():
            with suppress(OSError):
                await send({"type": "http.response.body", "body": b"", "more_body": False})


def _event(text: str) -> bytes:
    return f"event: state\ndata: {text}\n\n".encode()


async def _pump(client: EventClient, send: Send) -> None:
    while True:
        event = await client.queue.get()
        await send({"type": "http.response.body", "body": event, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
