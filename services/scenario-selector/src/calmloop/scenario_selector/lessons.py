"""What a caregiver says of what was learned, and what everyone may see of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from calmloop.contract.messages.learning import (
    LearningAction,
    LearningCommand,
    LearningState,
)
from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector.admission import RefusedError, find, refuse_if
from calmloop.scenario_selector.learning.outcome import Remarks
from calmloop.scenario_selector.learning.trials import Earlier, Learned
from calmloop.scenario_selector.learning.words import spoken, tastes
from calmloop.scenario_selector.levels import voided
from calmloop.scenario_selector.preferences import Preferences
from calmloop.scenario_selector.profiles import Profile
from calmloop.scenario_selector.records import Records
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.session import Session
from calmloop.scenario_selector.sitting import Sitting

RATED_WITHIN = timedelta(hours=24)
"""A session is rated by who still remembers it."""


class Lessons:
    """Corrects what was learned of a child; none of it changes what the chair does now.

    Attributes:
        state: Of the child that was in the chair, or spoken of, last.
    """

    def __init__(
        self, records: Records, preferences: Preferences, library: Mapping[str, Scenario]
    ) -> None:
        self._records = records
        self._preferences = preferences
        self._library = library
        self.state = LearningState()

    def obey(
        self,
        command: LearningCommand,
        sitting: Sitting | None,
        now: datetime,
    ) -> None:
        """Does what a caregiver asks for.

        Args:
            command: What is asked.
            sitting: The running or last one.
            now: With its zone.

        Raises:
            RefusedError: it makes no sense for this child; the text says what does.
            RecordError: the child is unknown, or its record cannot be written.
        """
        child = self._child(command, sitting.session if sitting else None)
        if child.is_in_session and sitting is not None and child.takes_as_remark(command):
            books = sitting.books
            books.remarks = _remarked(books.remarks, command)
            return
        if command.action is not LearningAction.SHOW:
            refuse_if(self._change(command, child, now))
            self._preferences.save(child.code, child.learned, flush=not child.is_in_session)
        if command.action is LearningAction.FORGET:
            self._records.drop_copies(child.code)
        self.state = self._state(child.code, child.learned, child.profile)

    def show(self, session: Session) -> None:
        """A session begins or has ended: its child is the one whose record is seen."""
        plan = session.plan
        self.state = self._state(plan.code, plan.chooser.learned, plan.profile)

    def forget(self, code: str) -> None:
        """A child is erased: nothing of it is told any more."""
        self._preferences.forget(code)
        if self.state.profile == code:
            self.state = LearningState()

    def _state(self, code: str, learned: Learned, profile: Profile) -> LearningState:
        chooser = self._preferences.chooser(learned, list(self._library.values()), profile)
        last = learned.newest
        return LearningState(
            profile=code,
            sessions=learned.sessions,
            tastes=tastes(chooser.belief, learned.sessions),
            levels=spoken(learned.levels),
            scores=list(chooser.scores(0.0)),
            pinned=learned.pinned or "",
            excluded=tuple(sorted(learned.excluded)),
            children=self._preferences.children,
            last_session=last.session_id if last else "",
            last_rating=last.rating if last else None,
            last_halted=learned.after_distress,
        )

    def _child(self, command: LearningCommand, session: Session | None) -> "_Child":
        code = command.profile or (session.plan.code if session else "")
        if not code:
            raise RefusedError("no child sat here since the start: name its 'profile'")
        profile = self._records.profile(code)
        if session is not None and session.plan.code == code:
            return _Child(code, profile, session.plan.chooser.learned, session)
        return _Child(code, profile, self._records.learned(code), None)

    def _change(self, command: LearningCommand, child: "_Child", now: datetime) -> str | None:
        """Changes what is kept, or says why not."""
        learned = child.learned
        match command.action:
            case LearningAction.RATE:
                return _rate(child, command.rating, now)
            case LearningAction.VOID:
                return _void(child)
            case LearningAction.FORGET if child.is_in_session:
                return f"a session of '{child.code}' runs: finish it, then forget"
            case LearningAction.FORGET:
                learned.trials, learned.earlier = [], Earlier()
                learned.norms, learned.levels = {}, {}
            case LearningAction.UNPIN:
                learned.pinned = None
            case _:
                return self._change_choice(command.action, child, command.scenario or "")
        return None

    def _change_choice(self, action: LearningAction, child: "_Child", name: str) -> str | None:
        learned = child.learned
        if action is LearningAction.PIN:
            find(self._library, name, child.profile, learned.excluded)
            learned.pinned = name
        elif action is LearningAction.EXCLUDE:
            return self._exclude(learned, name)
        elif name not in learned.excluded:
            return f"scenario '{name}' is not excluded by a caregiver: nothing to take back"
        else:
            learned.excluded -= {name}
        return None

    def _exclude(self, learned: Learned, name: str) -> str | None:
        if name not in self._library:
            return f"scenario '{name}' is unknown: known are {', '.join(sorted(self._library))}"
        if name == learned.pinned:
            return f"scenario '{name}' is pinned: send 'unpin' first"
        learned.excluded |= {name}
        return None


@dataclass(frozen=True)
class _Child:
    """Whom a command is about.

    Attributes:
        code: Its own.
        profile: What it may have.
        learned: What is kept of it.
        session: The running or last one, if that is this child's.
    """

    code: str
    profile: Profile
    learned: Learned
    session: Session | None

    @property
    def is_in_session(self) -> bool:
        return self.session is not None and self.session.phase is not Phase.IDLE

    def takes_as_remark(self, command: LearningCommand) -> bool:
        """Whether it is of the running session, and noted for its end."""
        if command.action is LearningAction.VOID:
            return self.session is not None and self.session.distress
        return command.action is LearningAction.RATE


def _remarked(remarks: Remarks, command: LearningCommand) -> Remarks:
    if command.action is LearningAction.VOID:
        return remarks.voided()
    return remarks.rated(command.rating)


def _rate(child: _Child, rating: int | None, now: datetime) -> str | None:
    last = child.learned.newest
    if last is None:
        return f"no session of '{child.code}' is kept, so there is none to rate"
    if abs(now - last.ended) > RATED_WITHIN:
        return (
            f"the last session of '{child.code}' ended at {last.ended:%Y-%m-%d %H:%M} UTC: it could"
            f" be rated for {RATED_WITHIN.total_seconds() / 3600:g} h"
        )
    child.learned.amend(last.session_id, rating=rating)
    return None


def _void(child: _Child) -> str | None:
    learned = child.learned
    if not learned.after_distress:
        return f"the last session of '{child.code}' was not halted: nothing to void"
    if learned.newest is None:
        learned.earlier.after_distress = False
    else:
        session_id = learned.newest.session_id
        learned.amend(session_id, void=True)
        learned.levels = voided(learned.levels, session_id)
    return None
