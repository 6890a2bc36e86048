"""The one thread that writes: what came together is committed together.

The loop that hears never waits for the disk. What cannot be written is kept in memory and tried
again; what a person enters is told to have failed instead.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from calmloop.session_log.errors import LogError, UnwritableLogError
from calmloop.session_log.records import LogFact, LogSample
from calmloop.session_log.store import LogStore

Result = TypeVar("Result")
RETRY_S = 5.0
MAX_WAITING = 20_000
"""Events in memory while they cannot be written: more are dropped and counted."""
MAX_TOGETHER = 500
MAX_TURNS = 20
"""So often room is made for one commit."""


@dataclass
class _Heard:
    facts: list[LogFact]


@dataclass
class _Entered:
    facts: list[LogFact]
    kept: "Future[list[int]]" = field(default_factory=Future)


@dataclass
class _Asked:
    work: Callable[[LogStore], Any]
    done: "Future[Any]" = field(default_factory=Future)


@dataclass
class _Sampled:
    session: str
    samples: list[LogSample]


class LogWriter:
    """Opens the log, then writes what it is handed until it is closed."""

    def __init__(
        self,
        open_store: Callable[[], LogStore],
        relieve: Callable[[LogStore], bool],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """Args: what opens the log, and what makes room where its disk is full."""
        self._open_store, self._relieve, self._log = open_store, relieve, log
        self._queue: queue.SimpleQueue[_Heard | _Entered | _Asked | _Sampled | None] = (
            queue.SimpleQueue()
        )
        self._waiting: deque[LogFact] = deque()
        self._samples: dict[str, list[LogSample]] = {}
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._closing = False
        self.is_open = False
        self.crashed = False
        self.trouble = ""
        self.dropped = 0

    @property
    def unkept(self) -> int:
        """Events in memory that could not be written."""
        return len(self._waiting)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def hear(self, facts: Sequence[LogFact]) -> None:
        """Keeps what happened, when its turn comes."""
        if facts:
            self._queue.put(_Heard(list(facts)))

    def sample(self, session: str, samples: Sequence[LogSample]) -> None:
        """Keeps samples, with the next events or by themselves; lost where they cannot be."""
        if samples:
            self._queue.put(_Sampled(session, list(samples)))

    def enter(self, facts: Sequence[LogFact]) -> "Future[list[int]]":
        """Keeps what a person entered: its ids once it is on the disk, or the LogError."""
        entered = _Entered(list(facts))
        self._queue.put(entered)
        return entered.kept

    def ask(self, work: Callable[[LogStore], Result]) -> "Future[Result]":
        """Has something done with the log between two commits."""
        asked = _Asked(work)
        self._queue.put(asked)
        return asked.done

    def close(self, timeout_s: float) -> None:
        """Writes what is left and lets go."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        store: LogStore | None = None
        try:
            while not self._closing:
                store = store or self._opened()
                if store:
                    self._turn(store)
        except Exception:  # noqa: BLE001 - the service ends for it
            self.crashed = True
            self._log.exception("the log's writer crashed")
        finally:
            if store:
                store.close()

    def _opened(self) -> LogStore | None:
        """The log; or nothing, once there was time to mend what is wrong."""
        try:
            store = self._open_store()
        except LogError as error:
            self._fail(error, [])
            for item in self._collect(RETRY_S):
                done = item.kept if isinstance(item, _Entered) else item.done
                done.set_exception(error)
            return None
        self.is_open, self.trouble = True, ""
        return store

    def _turn(self, store: LogStore) -> None:
        work = self._collect(RETRY_S if self._waiting else None)
        entered = [item for item in work if isinstance(item, _Entered)]
        self._write(store, entered)
        for item in work:
            if isinstance(item, _Asked):
                self._obey(store, item)

    def _collect(self, timeout_s: float | None) -> list[_Entered | _Asked]:
        """Waits for something to do, and takes what came with it."""
        found: list[_Entered | _Asked] = []
        try:
            item = self._queue.get(timeout=timeout_s)
            while True:
                if item is None:
                    self._closing = True
                elif isinstance(item, _Heard):
                    self._take(item.facts)
                elif isinstance(item, _Sampled):
                    self._samples.setdefault(item.session, []).extend(item.samples)
                else:
                    found.append(item)
                if len(found) >= MAX_TOGETHER:
                    break
                item = self._queue.get_nowait()
        except queue.Empty:
            pass
        return found

    def _take(self, facts: list[LogFact]) -> None:
        room = MAX_WAITING - len(self._waiting)
        self.dropped += max(0, len(facts) - room)
        self._waiting.extend(facts[:room])

    def _write(self, store: LogStore, entered: list[_Entered]) -> None:
        usable = [item for item in entered if self._has_keys(store, item)]
        facts = self._keepable(store)
        new = [fact for item in usable for fact in item.facts]
        samples, self._samples = self._samples, {}
        if not (facts or new or samples):
            return
        try:
            ids = self._append(store, [*facts, *new], samples)
        except LogError as error:
            self._fail(error, usable)
            return
        self.trouble = ""
        self._waiting.clear()
        ids = ids[len(facts) :]
        for item in usable:
            item.kept.set_result(ids[: len(item.facts)])
            ids = ids[len(item.facts) :]

    def _append(
        self, store: LogStore, facts: list[LogFact], samples: dict[str, list[LogSample]]
    ) -> list[int]:
        for _ in range(MAX_TURNS):
            try:
                return store.append(facts, samples)
            except UnwritableLogError:
                if not self._relieve(store):
                    # Samples are not worth an event.
                    return store.append(facts)
        return store.append(facts)

    def _fail(self, error: LogError, entered: list[_Entered]) -> None:
        if f"{error}"[:300] != self.trouble:
            self._log.warning("the log cannot be written", reason=str(error))
        self.trouble = f"{error}"[:300]
        for item in entered:
            item.kept.set_exception(error)

    def _keepable(self, store: LogStore) -> list[LogFact]:
        """What waits, but for what has no key and gets none: that can never be kept."""
        kept: deque[LogFact] = deque()
        for fact in self._waiting:
            try:
                store.keys.make(fact.child)
            except UnwritableLogError:
                pass
            except LogError as error:
                self.dropped += 1
                self._log.warning("an event is not kept", reason=str(error))
                continue
            kept.append(fact)
        self._waiting = kept
        return list(kept)

    def _has_keys(self, store: LogStore, item: _Entered) -> bool:
        try:
            for fact in item.facts:
                store.keys.make(fact.child)
        except LogError as error:
            item.kept.set_exception(error)
            return False
        return True

    def _obey(self, store: LogStore, asked: _Asked) -> None:
        try:
            asked.done.set_result(asked.work(store))
        except Exception as error:  # noqa: BLE001 - it is raised again where the result is taken
            asked.done.set_exception(error)
