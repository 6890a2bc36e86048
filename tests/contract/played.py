"""The services around the one under test, played in a thread of the test's own."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from tests.broker import Broker
from tests.processes import Client

PERIOD_S = 0.1


class Played(ABC):
    """Plays one step ten times a second, for as long as the context is open."""

    def __init__(self, broker: Broker) -> None:
        self.client = Client(broker)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.client.__exit__(kind, error, trace)

    def let_pass(self, seconds: float) -> None:
        """Time that must really pass: a token grows old, a process is stopped."""
        self._ended.wait(seconds)

    def _play(self) -> None:
        while not self._ended.wait(PERIOD_S):
            self._step()

    @abstractmethod
    def _step(self) -> None:
        """One turn of what is played."""
