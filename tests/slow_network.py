"""A network that delays and loses, as a TCP proxy: what is lost comes late, and in its order."""

import asyncio
import math
import random
import threading
from typing import Self

RESENT_S = 0.2
"""Linux sends a lost segment again after 200 ms at the earliest, and what follows waits for it."""


class SlowNetwork:
    """Stands between clients and a server, from the start of the context to its end.

    Attributes:
        port: Where clients connect, on 127.0.0.1.
        target_port: Where the server listens.
        delay_s: How long each piece takes, in either direction.
        loss: Share of pieces that have to be sent again.
    """

    def __init__(self) -> None:
        self.target_port = 0
        self.delay_s = self.loss = 0.0
        self._random = random.Random(7)
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.close()
            return
        for one, other in ((reader, there[1]), (there[0], writer)):
            task = asyncio.ensure_future(self._carry(one, other))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        due_s = 0.0
        try:
            while data := await reader.read(65536):
                again_s = RESENT_S if self._random.random() < self.loss else 0.0
                # Later than the piece before, be it by the least: at one time the order is open.
                later_s = math.nextafter(due_s, math.inf)
                due_s = max(later_s, self._loop.time() + self.delay_s + again_s)
                self._loop.call_at(due_s, writer.write, data)
        except OSError:
            pass
        self._loop.call_at(math.nextafter(due_s, math.inf), writer.close)
