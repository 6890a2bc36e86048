"""A session from the request to arm the chair to its closed books, and what ends it.

The session itself knows no chair; here both meet.
"""

from collections.abc import Callable, Mapping
from typing import Any

from calmloop.contract.messages.chair import Applied, ArmOutcome
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.scenario_selector.bookkeeping import Bookkeeping
from calmloop.scenario_selector.child import ChildControl
from calmloop.scenario_selector.day import Moment
from calmloop.scenario_selector.limits import ARM_WAIT_S
from calmloop.scenario_selector.session import AWAKE, Session
from calmloop.scenario_selector.surroundings import Surroundings

SENDING = AWAKE | {Phase.PAUSED, Phase.CLOSING}


class Sitting:
    """One child's session in this chair, with its books.

    Attributes:
        session: What the child gets.
        books: Its dose, and what the session teaches.
        child: What the child itself may do.
    """

    def __init__(
        self,
        session: Session,
        books: Bookkeeping,
        surroundings: Surroundings,
        moment: Callable[[], Moment],
    ) -> None:
        self.session = session
        self.books = books
        self.child = ChildControl(session)
        self._surroundings = surroundings
        self._moment = moment
        self._arm_request = session.plan.session_id
        self._begun_s = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.session.phase is Phase.IDLE

    @property
    def is_sending(self) -> bool:
        """Whether something is asked of the chair."""
        return self.session.phase in SENDING

    def state(self, said: Mapping[str, Any]) -> SessionState:
        """What everyone may see of it.

        Args:
            said: Further fields, of which the engine knows: the dose, the token, what is heard.
        """
        session, child = self.session, self.child
        playing, intensity = session.repertoire, session.intensity
        return SessionState(
            phase=session.phase,
            session_id=session.plan.session_id,
            profile=session.plan.code,
            mode=session.plan.mode,
            scenario=playing.name,
            next=playing.announced,
            scenario_phase=playing.player.phase.title,
            pace=playing.player.pace_said[:200],
            question="" if self.is_over else session.watch.question,
            cycle=session.watch.control.cycle,
            intensity_pct=intensity.level_pct,
            change=intensity.change,
            reason=intensity.reason[:300],
            evidence=session.watch.control.evidence,
            baseline_valence=session.watch.observer.baseline,
            choice=playing.choice.reason[:300],
            scores=list(playing.choice.scores),
            distress=session.distress,
            minutes_left=0.0 if self.is_over else session.minutes_left,
            child_token="" if self.is_over else child.token,
            offers=[] if self.is_over else list(child.offers),
            **said,
        )

    def pop_arm_request(self) -> str:
        """The id for which the chair is to be armed, once; else empty."""
        request, self._arm_request = "" if self.is_over else self._arm_request, ""
        return request

    def turn(self, now_s: float, elapsed_s: float) -> None:
        """Lets `elapsed_s` pass until `now_s`; may end it."""
        reason = self._surroundings.end_reason() or self._chair_reason(now_s)
        if reason is not None:
            self.session.stop(reason)
            return
        if self._surroundings.chair_limit_is_near():
            self.session.finish(now_s, "the chair's own time limit is near")
        self.session.turn(now_s, elapsed_s)
        chair = self._surroundings.chair
        applied = chair.applied if chair else Applied()
        self.books.count(self.session, applied, self._moment(), elapsed_s)

    def close_books(self) -> None:
        """Keeps what came of it."""
        self.books.close(self.session, self._moment())

    def _chair_reason(self, now_s: float) -> str | None:
        session = self.session
        if session.phase is not Phase.STARTING:
            return self._surroundings.chair_left_reason(now_s - self._begun_s)
        outcome, why = self._surroundings.arm_outcome(session.plan.session_id)
        if outcome is ArmOutcome.REFUSED:
            return f"the chair refused to arm: {why or 'no reason given'}"
        if outcome is ArmOutcome.ACCEPTED:
            self._begin(now_s)
        elif now_s - session.phase_began_s > ARM_WAIT_S:
            return f"the chair did not arm in {ARM_WAIT_S:g} s"
        return None

    def _begin(self, now_s: float) -> None:
        self._begun_s = now_s
        self._surroundings.expect_activity()
        self.session.begin(now_s)
        self.books.open(self._moment())
