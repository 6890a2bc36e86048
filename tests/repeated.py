"""What a test does again and again beside itself, in a thread of its own."""

import threading
from abc import ABC, abstractmethod
from typing import Self


class Repeated(ABC):
    """Does one step after another for as long as the context is open.

    Attributes:
        period_s: From one step to the next, unless something hurries it.
    """

    period_s = 0.1

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._due = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._due.set()
        self._thread.join()

    def hurry(self) -> None:
        """The next step comes at once."""
        self._due.set()

    def let_pass(self, seconds: float) -> None:
        """Time that must really pass: a token grows old, a process is stopped."""
        self._ended.wait(seconds)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._due.clear()
            self._step()
            self._due.wait(self.period_s)

    @abstractmethod
    def _step(self) -> None:
        """One turn of what is done."""
