"""Follows the chair through ACTIVE, and judges whether it left it by plan."""

from calmloop.base.clock import Clock
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.session import ENDED_BY_PLAN, Change, SessionState

CHAIR_SILENT_S = 1.5
"""A chair that was ACTIVE and has not reported for this long is taken to have left it: its own
lease ran out after 0.5 s."""


class ActiveSpan:
    """One stay in ACTIVE, and the session that it belongs to.

    What it remembers is no input that can be stale: that ACTIVE was seen stays true until its
    end was judged.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen_ns: int | None = None
        self._session_id = ""

    @property
    def active(self) -> bool:
        """Whether the chair was ACTIVE when it last reported."""
        return self._seen_ns is not None

    def receive_chair(self, chair: ChairState, session: SessionState | None) -> str | None:
        """The chair reports; says how ACTIVE ended if it did, and not by plan."""
        if chair.mode is ChairMode.ACTIVE:
            self._seen_ns = self._clock.monotonic_ns()
            self.receive_session(session)
            return None
        if not self.active or self._end_is_planned(session):
            self._end()
            return None
        self._end()
        why = f" ({chair.stop_reason})" if chair.stop_reason else ""
        return f"the chair went from active to {chair.mode}{why} while {_described(session)}"

    def receive_session(self, session: SessionState | None) -> None:
        """The engine reports: which session is it that the chair is ACTIVE for?"""
        if self.active and session and session.phase not in ENDED_BY_PLAN:
            self._session_id = session.session_id

    def silence(self) -> str | None:
        """Says so once when an ACTIVE chair has not been heard for too long."""
        if self._seen_ns is None:
            return None
        silent_s = (self._clock.monotonic_ns() - self._seen_ns) / 1e9
        if silent_s <= CHAIR_SILENT_S:
            return None
        self._end()
        return f"the chair was active and has been silent for {silent_s:.1f} s"

    def _end_is_planned(self, session: SessionState | None) -> bool:
        # A stopped engine is idle too; one that was closing already keeps its own change.
        return (
            session is not None
            and session.phase in ENDED_BY_PLAN
            and session.change is not Change.STOPPED
            and session.session_id == self._session_id != ""
        )

    def _end(self) -> None:
        self._seen_ns = None
        self._session_id = ""


def _described(session: SessionState | None) -> str:
    if session is None:
        return "the session was unknown"
    if session.change is Change.STOPPED:
        return f"the session was stopped ({session.reason or 'no reason given'})"
    return f"the session was {session.phase}"
