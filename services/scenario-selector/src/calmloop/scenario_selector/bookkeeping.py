"""Keeps the dose of the child in the chair, and what its session taught.

What cannot be written while a session runs is left to the records to try again: the session goes
on, counted in memory. None starts before the dose can be kept.
"""

from contextlib import suppress
from datetime import date

from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector.day import Moment
from calmloop.scenario_selector.learning.outcome import Remarks
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.preferences import Preferences
from calmloop.scenario_selector.profiles import RecordError
from calmloop.scenario_selector.records import Records
from calmloop.scenario_selector.session import AWAKE, Session

SAVE_EVERY_S = 10.0
COUNTED = AWAKE | {Phase.CLOSING}


class Bookkeeping:
    """The open books of one child.

    Attributes:
        remarks: What a caregiver says of the session.
    """

    def __init__(
        self, records: Records, preferences: Preferences, code: str, before: int | None = None
    ) -> None:
        """Opens them.

        Args:
            records: Where they are kept.
            preferences: What a session teaches goes there.
            code: The child's.
            before: Smiley before the session, 1 to 5.

        Raises:
            RecordError: its dose cannot be used.
        """
        self.remarks = Remarks(before)
        self._records = records
        self._preferences = preferences
        self._code = code
        self._ledger: Ledger = records.ledger(code)
        self._saved_s = 0.0
        self._counted_s = 0.0

    def minutes_on(self, today: date) -> float:
        """Minutes that count for `today`."""
        return self._ledger.minutes_on(today)

    def open(self, now: Moment) -> None:
        """Counts a session that begins."""
        self._ledger.redate(now)
        self._ledger.begin(now.day)
        self._queue()

    def count(self, session: Session, applied: Applied, now: Moment, seconds: float) -> None:
        """Counts a stretch of a session and keeps it now and then."""
        if session.phase not in COUNTED:
            return
        self._ledger.redate(now)
        self._ledger.note(now, seconds)
        self._ledger.add(
            now.day,
            seconds,
            intensity_pct=session.intensity.level_pct,
            vibration_pct=applied.vibration_pct,
            sound_pct=applied.sound_pct,
        )
        self._counted_s += seconds
        if self._counted_s - self._saved_s >= SAVE_EVERY_S:
            self._queue()

    def save(self) -> None:
        """Keeps the dose: it is on the disk when this returns.

        Raises:
            RecordError: it cannot be written.
        """
        self._saved_s = self._counted_s
        self._records.save_ledger(self._code, self._ledger, flush=True)

    def close(self, session: Session, now: Moment) -> None:
        """Keeps the dose and what a session that has ended taught."""
        with suppress(RecordError):
            self.save()
        with suppress(RecordError):
            self._preferences.keep(session, now.at, self.remarks)

    def _queue(self) -> None:
        self._saved_s = self._counted_s
        self._records.queue_ledger(self._code, self._ledger)
