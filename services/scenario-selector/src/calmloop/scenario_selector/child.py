"""What the child itself asks for: less at any time, more and another scenario within limits.

None of it raises anything by itself: a caregiver who is present allows the page for one session.
"""

import math
import secrets
from collections.abc import Mapping, Sequence

from calmloop.contract.messages.child import ChildAction, ChildCommand
from calmloop.contract.messages.session import Change, Offer, Phase
from calmloop.scenario_selector.admission import RefusedError, refuse_if
from calmloop.scenario_selector.limits import CHILD_ASKS_EVERY_S
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.session import Session

MIN_OFFERS = 2
MAX_OFFERS = 3


class ChildControl:
    """The child's page in one session.

    Attributes:
        token: What more and choose carry; empty while a caregiver does not allow them.
    """

    def __init__(self, session: Session) -> None:
        self.token = ""
        self._session = session
        self._offered: tuple[Offer, ...] = ()
        self._chose_s = float("-inf")

    def allow(self, library: Mapping[str, Scenario], names: Sequence[str]) -> None:
        """A caregiver who is present allows the page; a token from before is void.

        Args:
            library: All scenarios.
            names: Of those that this child may have, what suits it best first.
        """
        self.token = secrets.token_hex(8)
        present = self._session.repertoire.name
        best = sorted(names, key=lambda name: name != present)[:MAX_OFFERS]
        self._offered = tuple(Offer(scenario=name, title=library[name].title) for name in best)

    def forbid(self) -> None:
        """A caregiver takes that back."""
        self.token, self._offered = "", ()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What the child may choose among: two or three, the one that plays among them; or none."""
        excluded = self._session.plan.chooser.learned.excluded
        left = tuple(offer for offer in self._offered if offer.scenario not in excluded)
        return left if len(left) >= MIN_OFFERS else ()

    def obey(self, command: ChildCommand, library: Mapping[str, Scenario], now_s: float) -> None:
        """Does what the child asks for.

        Raises:
            RefusedError: it may not have that now; the text says why, and what helps.
        """
        match command.action:
            case ChildAction.LESS:
                self._session.watch.fusion.note_asked_less(now_s)
                self._session.lower_step(now_s, Change.CHILD)
            case ChildAction.MORE:
                self._check(command, now_s)
                self._raise(now_s)
            case ChildAction.CHOOSE:
                self._check(command, now_s)
                self._choose(command.scenario or "", library, now_s)

    def _check(self, command: ChildCommand, now_s: float) -> None:
        session, action = self._session, command.action
        token = (command.token or "").encode()
        if not self.token or not secrets.compare_digest(self.token.encode(), token):
            raise RefusedError(
                f"'{action}' does not carry this session's child_token: a caregiver allows the"
                " child's page by session/set, action 'allow_child'"
            )
        if session.phase is not Phase.RUNNING:
            raise RefusedError(
                f"'{action}' needs a running session that goes by a face; the phase is"
                f" {session.phase}: ask again once it is running, or ask a caregiver"
            )
        refuse_if(_doubt(session, now_s))

    def _raise(self, now_s: float) -> None:
        session = self._session
        since_s = max(session.watch.control.raised_at_s, session.lowered_s)
        _refuse_soon_after(since_s, now_s, "the last step up, or a caregiver's step down, was")
        if not session.raise_step(now_s, Change.CHILD):
            intensity = session.intensity
            raise RefusedError(
                f"the intensity is {intensity.level_pct:.0f} %, and the child may have"
                f" {max(0.0, intensity.limit_pct):.0f} % at most now: ask a caregiver"
            )

    def _choose(self, name: str, library: Mapping[str, Scenario], now_s: float) -> None:
        session = self._session
        offered = [offer.scenario for offer in self.offers]
        if name not in offered:
            among = f"choose among {', '.join(offered)}" if offered else "there is no choice now"
            raise RefusedError(f"scenario '{name}' is not offered: {among}")
        if name == session.repertoire.name:
            raise RefusedError(f"scenario '{name}' plays already: choose another one")
        if session.repertoire.fixed:
            raise RefusedError("a caregiver keeps the present scenario: it is free after 'release'")
        _refuse_soon_after(self._chose_s, now_s, "the last choice was")
        self._chose_s = now_s
        session.play(library[name], now_s, Change.CHILD)


def _doubt(session: Session, now_s: float) -> str:
    """What speaks against a rise that the child asks for, with what helps; empty if nothing."""
    if session.is_held:
        return "a caregiver holds the intensity: it is free after 'release'"
    if session.is_closing:
        return "the session is about to end: nothing rises any more"
    if session.intensity.is_settling:
        return "it is still on its way down to the level of a start: ask again in a few seconds"
    if session.watch.observer.looks_negative:
        return "the face reads as negative: ask again once it does not"
    return session.watch.doubt(now_s)


def _refuse_soon_after(then_s: float, now_s: float, what: str) -> None:
    left_s = then_s + CHILD_ASKS_EVERY_S - now_s
    if left_s > 0.0:
        raise RefusedError(
            f"{what} {now_s - then_s:.0f} s ago, and {CHILD_ASKS_EVERY_S:g} s must lie between:"
            f" ask again in {math.ceil(left_s)} s"
        )
