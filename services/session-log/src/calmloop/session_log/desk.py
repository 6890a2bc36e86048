"""What the HTTP interface asks of the log, with nothing of HTTP in it."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswerError
from datetime import datetime
from typing import Protocol, TypeVar

from calmloop.contract.messages.log import LogState
from calmloop.session_log.entries import ErasedChild, KeptEntry, LogEntry
from calmloop.session_log.erasing import erase
from calmloop.session_log.errors import LogError, UnwritableLogError
from calmloop.session_log.keys import KeyRing
from calmloop.session_log.reading import LogReader
from calmloop.session_log.records import ChildSummary, LogEventKind, LogFact, utc
from calmloop.session_log.writer import LogWriter

Result = TypeVar("Result")
ANSWER_S = 10.0
ERASE_S = 120.0


class OpenLog(Protocol):
    """What is there once the log is open."""

    @property
    def reader(self) -> LogReader:
        """Raises LogError while the log is being checked."""

    @property
    def keys(self) -> KeyRing:
        """The same."""


class LogDesk:
    """Takes what people enter, and hands out what is kept."""

    def __init__(
        self,
        writer: LogWriter,
        reading: OpenLog,
        now: Callable[[], datetime],
        state: Callable[[], LogState],
    ) -> None:
        self._writer, self._reading, self._now = writer, reading, now
        self.state = state

    @property
    def reader(self) -> LogReader:
        """Reads what is kept.

        Raises:
            LogError: the log is still being checked.
        """
        return self._reading.reader

    def enter(self, entry: LogEntry) -> KeptEntry:
        """Keeps an entry; it is on the disk when this returns.

        Raises:
            UnknownRecordError: its session is not there.
            LogError: its session is another child's.
            UnwritableLogError: it could not be kept.
        """
        if entry.session and (owner := self.reader.session_of(entry.session)) != entry.child:
            raise LogError(
                f"session '{entry.session}': is of child '{owner}', not of '{entry.child}': enter"
                " it for that one"
            )
        return self._keep(
            LogFact(
                kind=LogEventKind(entry.kind),
                text=entry.text,
                data=entry.data,
                by=entry.by,
                at_ms=self._ms(),
                child=entry.child,
                session=entry.session,
            )
        )

    def set_keep_days(self, code: str, days: int, by: str) -> ChildSummary:
        """Sets how long a child's sessions are kept.

        Raises:
            LogError: it could not be kept.
        """
        text = f"sessions are kept for {days} days"
        data = {"keep_days": days}
        kind = LogEventKind.SETTING
        self._keep(LogFact(kind=kind, text=text, data=data, by=by, at_ms=self._ms(), child=code))
        key = self._reading.keys.known(code)
        answered(self._writer.ask(lambda store: store.set_keep_days(key, days)), ANSWER_S)
        return self.reader.child(code)

    def erase(self, code: str) -> ErasedChild:
        """Erases all that is kept of a child.

        Raises:
            UnknownRecordError: nothing is.
            UnwritableLogError: it could not be done to the end.
        """
        self._reading.keys.known(code)
        return answered(self._writer.ask(lambda store: erase(store, code)), ERASE_S)

    def _keep(self, fact: LogFact) -> KeptEntry:
        (row_id,) = answered(self._writer.enter([fact]), ANSWER_S)
        return KeptEntry(id=row_id, at=utc(fact.at_ms))

    def _ms(self) -> int:
        return round(self._now().timestamp() * 1000)


def answered(future: "Future[Result]", timeout_s: float) -> Result:
    """What the writer's thread answers.

    Raises:
        UnwritableLogError: it does not in time.
    """
    try:
        return future.result(timeout_s)
    except NoAnswerError as error:
        raise UnwritableLogError(
            f"the disk has not answered for {timeout_s:g} s: look at log/state, and try again"
        ) from error
