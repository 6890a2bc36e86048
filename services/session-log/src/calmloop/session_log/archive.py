"""The log as a whole: opened, written, read, kept within its bounds."""

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TypeVar

import structlog

from calmloop.contract.messages.log import LogCondition, LogState, SampleKeeping
from calmloop.session_log.checking import Findings, open_store
from calmloop.session_log.erasing import apply_retention, drop_asides, finish_erasures
from calmloop.session_log.errors import LogError, NotOpenError
from calmloop.session_log.keys import KeyRing
from calmloop.session_log.outbox_reading import OutboxReader
from calmloop.session_log.reading import LogReader
from calmloop.session_log.records import LogEventKind, LogFact
from calmloop.session_log.room import RESERVE_BYTES, hold_reserve, keeping, make_room
from calmloop.session_log.settings import SessionLogSection
from calmloop.session_log.store import DATABASE, KEYS, LogStore
from calmloop.session_log.writer import LogWriter

CHECKING = "the log is being checked"
Part = TypeVar("Part")


@dataclass(frozen=True)
class LogFigures:
    """What is to be said of the log."""

    size_bytes: int = 0
    samples: SampleKeeping = SampleKeeping.KEPT
    waiting: int = 0


class LogArchive:
    """What the service and the HTTP interface have in common."""

    def __init__(
        self,
        section: SessionLogSection,
        now: Callable[[], datetime],
        zone: tzinfo | None,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """Args: the settings, the wall clock, whose days count (None: this system's), the log."""
        self._section, self._now, self._zone, self._log = section, now, zone, log
        self._keys: KeyRing | None = None
        self._reader: LogReader | None = None
        self._outbox: OutboxReader | None = None
        self._store: LogStore | None = None
        self._figures = LogFigures()
        self._looking: Future[LogFigures] | None = None
        self._kept_to: date | None = None
        self._lasting: list[str] = []
        self.writer = LogWriter(self._open, self._relieve, log)

    @property
    def keys(self) -> KeyRing:
        """The children's keys.

        Raises:
            LogError: the log is not open yet.
        """
        return self._opened(self._keys)

    @property
    def reader(self) -> LogReader:
        """Reads the log.

        Raises:
            LogError: the log is not open yet.
        """
        return self._opened(self._reader)

    @property
    def outbox(self) -> OutboxReader:
        """What waits for the centre.

        Raises:
            LogError: the log is not open yet.
        """
        return self._opened(self._outbox)

    def _opened(self, part: Part | None) -> Part:
        if part is None:
            raise NotOpenError(f"{self.writer.trouble or CHECKING}: try again")
        return part

    @property
    def codes(self) -> tuple[str, ...]:
        """Of the children that are known; none before it is open."""
        return self._keys.codes if self._keys else ()

    def look(self) -> None:
        """Has sizes and bounds looked at, and once a day what is too old deleted."""
        if not self.writer.is_open or (self._looking and not self._looking.done()):
            return
        if self._looking and not self._looking.exception():
            self._figures = self._looking.result()
        self._looking = self.writer.ask(self._look)

    def state(self) -> LogState:
        """As the bus has it."""
        figures = self._figures
        return LogState(
            condition=self._condition,
            sessions=self._store.sessions if self._store else 0,
            events=self._store.events if self._store else 0,
            size_bytes=figures.size_bytes,
            free_bytes=self._free_bytes(),
            samples=figures.samples,
            waiting=figures.waiting,
            unkept=self.writer.unkept if self.writer.trouble else 0,
            trouble="; ".join(self._troubles)[:300],
        )

    @property
    def waits_for(self) -> str:
        """What it lacks; empty when nothing."""
        return "; ".join(self._troubles) or ("" if self.writer.is_open else CHECKING)

    def close(self, timeout_s: float) -> None:
        """Writes what is left and lets go."""
        self.writer.close(timeout_s)

    @property
    def _condition(self) -> LogCondition:
        if self.writer.trouble or self.writer.crashed:
            return LogCondition.FAILING
        return LogCondition.KEEPING if self.writer.is_open else LogCondition.CHECKING

    @property
    def _troubles(self) -> list[str]:
        dropped = f"{self.writer.dropped} events were lost" if self.writer.dropped else ""
        keys = self._keys.trouble if self._keys else []
        return [said for said in (self.writer.trouble, dropped, *self._lasting, *keys) if said]

    def _open(self) -> LogStore:
        keys = KeyRing(self._section.data_dir / KEYS)
        store, findings = open_store(self._section.data_dir, keys, self._now)
        try:
            store.outbox.allow(self._section.outbox_rules)
            finish_erasures(store)
            self._note(store, findings)
        except (LogError, sqlite3.Error):
            store.close()
            raise
        self._lasting = findings.texts
        self._figures = self._measured(store)
        self._keys, self._store = keys, store
        self._reader = LogReader(self._section.data_dir / DATABASE, keys, self._section.keep_days)
        self._outbox = OutboxReader(self._reader, keys, self._section.outbox_samples)
        return store

    def _note(self, store: LogStore, findings: Findings) -> None:
        """A loss stays known for as long as the chair's own events are kept."""
        for text in findings.texts:
            self._log.warning("the log", trouble=text)
        at_ms = round(self._now().timestamp() * 1000)
        store.append(
            [
                LogFact(
                    kind=LogEventKind.LOST,
                    text=loss.text,
                    data={"table": loss.table, "first": loss.first, "last": loss.last},
                    at_ms=at_ms,
                )
                for loss in findings.losses
            ]
        )

    def _look(self, store: LogStore) -> LogFigures:
        self._keep_room(store)
        now = self._now()
        today = now.astimezone(self._zone).date()
        if today != self._kept_to:
            deleted = apply_retention(store, self._section.keep_days, now, self._zone)
            drop_asides(store, self._section.keep_days, now)
            self._kept_to = today
            if deleted:
                self._log.info("old sessions were deleted", sessions=deleted)
        return self._measured(store)

    def _relieve(self, store: LogStore) -> bool:
        """Makes room, because the disk just refused; says whether to try again."""
        return make_room(store)

    def _keep_room(self, store: LogStore) -> None:
        """Makes room before the disk refuses: one turn of it, since events wait meanwhile."""
        section = self._section
        over = store.used_bytes() > section.max_size_mb * 1_000_000
        tight = self._free_bytes() < section.min_free_mb * 1_000_000
        if over or (tight and store.spare_bytes() < RESERVE_BYTES):
            make_room(store)
        elif not tight:
            hold_reserve(store)

    def _measured(self, store: LogStore) -> LogFigures:
        return LogFigures(store.size_bytes(), keeping(store), store.outbox.waiting())

    def _free_bytes(self) -> int:
        try:
            disk = os.statvfs(self._section.data_dir)
        except OSError:
            return 0
        return disk.f_bavail * disk.f_frsize
