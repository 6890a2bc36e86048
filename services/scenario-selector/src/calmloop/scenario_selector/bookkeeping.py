"""Keeps the dose of the child in the chair, and what a session taught about it."""

from datetime import date

from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector.choice import Calm
from calmloop.scenario_selector.day import Moment
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.records import Records
from calmloop.scenario_selector.session import AWAKE, Session

SAVE_EVERY_S = 10.0
COUNTED = AWAKE | {Phase.CLOSING}


class Bookkeeping:
    """The open books of one child."""

    def __init__(self, records: Records, code: str) -> None:
        self._records = records
        self._code = code
        self._ledger: Ledger = records.ledger(code)
        self._saved_s = 0.0
        self._counted_s = 0.0

    def minutes_on(self, today: date) -> float:
        """Minutes that count for `today`."""
        return self._ledger.minutes_on(today)

    def open(self, now: Moment) -> None:
        """Counts a session that begins.

        Raises:
            RecordError: the dose cannot be kept.
        """
        self._ledger.redate(now)
        self._ledger.begin(now.day)
        self.save(flush=False)

    def count(self, session: Session, applied: Applied, now: Moment, seconds: float) -> None:
        """Counts a stretch of a session and keeps it now and then.

        Raises:
            RecordError: the dose cannot be kept.
        """
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
            self.save(flush=False)

    def save(self, *, flush: bool) -> None:
        """Keeps the dose; with `flush` it is on the disk when this returns.

        Raises:
            RecordError: it cannot be written.
        """
        self._saved_s = self._counted_s
        self._records.save_ledger(self._code, self._ledger, flush=flush)

    def close(self, session: Session, rating: int | None) -> None:
        """Keeps the dose and what the session taught.

        Args:
            session: It has ended.
            rating: A caregiver's, 1 to 5, if there is one.

        Raises:
            RecordError: one of them cannot be written.
        """
        learned = _learn(session, rating)
        try:
            self.save(flush=True)
        finally:
            if learned:
                self._records.save_history(self._code, session.plan.history)


def _learn(session: Session, rating: int | None) -> bool:
    calm, history = session.repertoire.calm, session.plan.history
    if rating is not None and not calm:
        calm[session.repertoire.name] = Calm()
    rewards = {name: entry.reward(rating) for name, entry in calm.items()}
    learned = {name: reward for name, reward in rewards.items() if reward is not None}
    for name, reward in learned.items():
        history.learn(name, reward)
    if learned:
        history.after_distress = session.distress
        history.halted = session.repertoire.name if session.distress else ""
    return bool(learned)
