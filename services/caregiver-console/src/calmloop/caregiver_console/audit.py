"""Who did what, kept in a file until the session-log has it: bounded, and never in anybody's way.

A thread of its own writes and sends, so that no disk and no network stands before a stop.
"""

import json
import os
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from calmloop.base.clock import Clock, monotonic_s
from calmloop.caregiver_console.actors import Actor
from calmloop.caregiver_console.log_client import LogClient

FILE, OLD_FILE = "audit.jsonl", "audit.old.jsonl"
MAX_FILE_BYTES = 2 * 1024 * 1024
"""Of the file and of the one before it: about 16,000 acts."""
MAX_WAITING = 2000
RETRY_S = 5.0
TURN_S = 0.5
CLOSE_S = 2.0
CLEARED_S = 15.0
"""An erasure waits so long for what is on its way to the session-log."""
MAX_FIGURES = 40
MAX_TEXT = 300
REFUSED = range(400, 500)
CHILD = "child"
"""Among the details: whose act it is. It is kept under the child's own key, and erased with it."""


@dataclass(frozen=True)
class _Erasing:
    """In the queue, in its order: from here on nothing names this child."""

    code: str
    cleared: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class _Erased:
    """And here that ends: what comes later is of a new child with the same code."""

    code: str


class AuditTrail:
    """Takes what somebody did.

    Attributes:
        lost: Acts that found no place, since the disk or its bound was full.
    """

    def __init__(self, clock: Clock, data_dir: Path, log: LogClient | None) -> None:
        self.lost = 0
        self._clock, self._log = clock, log
        self._file, self._old = data_dir / FILE, data_dir / OLD_FILE
        self._queue: queue.Queue[dict[str, Any] | _Erasing | _Erased] = queue.Queue(MAX_WAITING)
        self._erasing: list[str] = []
        self._unsent: list[dict[str, Any]] = []
        self._next_try_s = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    def start(self) -> None:
        """Begins to write, and to send what is left of before."""
        self._thread.start()

    def record(self, actor: Actor, what: str, details: Mapping[str, object]) -> None:
        """Takes an act; returns at once, from any thread."""
        act = {
            "time": self._clock.utc_now().isoformat(timespec="milliseconds"),
            "by": actor.name,
            "role": actor.role.value if actor.role else "",
            "what": what,
            "details": dict(details),
        }
        try:
            self._queue.put_nowait(act)
        except queue.Full:
            self.lost += 1

    @contextmanager
    def erasing(self, code: str) -> Iterator[None]:
        """While a child is erased elsewhere: what waits, or comes meanwhile, names it no more.

        Else an act that comes to the session-log afterwards makes the child anew. That somebody
        did something is kept. Blocks.

        Raises:
            TimeoutError: what is on its way has not come to an end: nothing may be erased yet.
        """
        begin = _Erasing(code)
        try:
            self._queue.put(begin, timeout=CLEARED_S)
        except queue.Full:
            raise TimeoutError from None
        try:
            if not begin.cleared.wait(CLEARED_S):
                raise TimeoutError
            yield
        finally:
            with suppress(queue.Full):
                self._queue.put(_Erased(code), timeout=CLEARED_S)

    def close(self) -> None:
        """Writes what is left."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        self._unsent = self._kept()
        while not (self._closing.is_set() and self._queue.empty()):
            self._keep(self._taken())
            self._send()

    def _taken(self) -> list[dict[str, Any]]:
        acts: list[dict[str, Any]] = []
        try:
            self._take(self._queue.get(timeout=TURN_S), acts)
            while True:
                self._take(self._queue.get_nowait(), acts)
        except queue.Empty:
            return acts

    def _take(self, item: dict[str, Any] | _Erasing | _Erased, acts: list[dict[str, Any]]) -> None:
        if isinstance(item, _Erased):
            self._erasing.remove(item.code)
        elif isinstance(item, _Erasing):
            self._erasing.append(item.code)
            acts[:] = [unnamed(act, item.code) for act in acts]
            try:
                self._unname(item.code)
                item.cleared.set()
            except OSError as error:
                structlog.get_logger("audit").error("not cleared", reason=str(error))
        else:
            for code in self._erasing:
                item = unnamed(item, code)
            acts.append(item)

    def _unname(self, code: str) -> None:
        """In memory and on the disk."""
        self._unsent = [unnamed(act, code) for act in self._unsent]
        for path in (self._old, self._file):
            acts = _acts(path)
            named = [unnamed(act, code) for act in acts]
            if named == acts:
                continue
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            self._append(named, new)
            new.replace(path)

    def _keep(self, acts: list[dict[str, Any]]) -> None:
        if not acts:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._file.exists() and self._file.stat().st_size > MAX_FILE_BYTES:
                self._file.replace(self._old)
            self._append(acts, self._file)
        except OSError as error:
            self.lost += len(acts)
            structlog.get_logger("audit").error("not kept", reason=str(error), acts=len(acts))
        if self._log is not None:
            self._unsent += acts[: MAX_WAITING - len(self._unsent)]

    def _append(self, acts: list[dict[str, Any]], path: Path) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(act, ensure_ascii=False)}\n" for act in acts)
            file.flush()
            os.fsync(file.fileno())

    def _kept(self) -> list[dict[str, Any]]:
        """What a run before this one did not send; what is damaged is passed over."""
        if self._log is None:
            return []
        return [*_acts(self._old), *_acts(self._file)][-MAX_WAITING:]

    def _send(self) -> None:
        now_s = monotonic_s(self._clock)
        if self._log is None or not self._unsent or now_s < self._next_try_s:
            return
        try:
            while self._unsent:
                status = self._log.enter(entry_of(self._unsent[0])).status
                if status >= 500 or status in (401, 403):
                    raise OSError(f"status {status}")
                if status in REFUSED:
                    structlog.get_logger("audit").error("the session-log refuses it", status=status)
                self._unsent.pop(0)
        except OSError as error:
            self._next_try_s = now_s + RETRY_S
            structlog.get_logger("audit").warning("waits for the session-log", reason=str(error))
            return
        for path in (self._old, self._file):
            path.unlink(missing_ok=True)


def entry_of(act: Mapping[str, Any]) -> dict[str, Any]:
    """An act as the session-log takes it: `ActionEntry` there."""
    details: dict[str, Any] = dict(act["details"])
    child = details.pop(CHILD, "")
    figures = {"time": act["time"], "role": act["role"]} | {
        key[:100]: value
        if isinstance(value, bool | int | float | None)
        else _text(value)[:MAX_TEXT]
        for key, value in list(details.items())[:MAX_FIGURES]
    }
    entry = {"kind": "action", "by": act["by"], "words": act["what"], "figures": figures}
    return entry | ({CHILD: child} if child else {})


def unnamed(act: dict[str, Any], code: str) -> dict[str, Any]:
    """An act without what it says of a child, if it is of this one; else the act itself."""
    return act | {"details": {}} if code in act["details"].values() else act


def _acts(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [act for act in map(_act, lines) if act]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _act(line: str) -> dict[str, Any] | None:
    try:
        act = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(act, dict) and {"time", "by", "role", "what", "details"} <= act.keys()
    return act if whole else None
