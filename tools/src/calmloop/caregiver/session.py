"""What a caregiver asks of a session: its course, the answers to its questions, the child's page.

What can raise an output carries the token of the newest `session/state`; what cannot goes without.
"""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any

from calmloop.caregiver.sending import ANSWER_S, CommandOutcome, CommandSender, silent
from calmloop.caregiver.words import what_child_may
from calmloop.contract import topics
from calmloop.contract.messages.session import (
    AUTO,
    Mode,
    Phase,
    SessionAction,
    SessionCommand,
    SessionState,
    SignalStatus,
)
from calmloop.contract.topics import Account

READY_S = 5.0
"""The chair's lockout of 3 s after a stop, and the second of good leases that it wants to see."""
START_S = 15.0
"""A second of good leases, the chair's answer to ARM, the first setpoint."""

FELT = frozenset({Phase.BASELINE, Phase.RUNNING, Phase.MANUAL})


class CaregiverAnswer(StrEnum):
    """What can be answered to a session's question."""

    USUAL = "usual"
    """The child usually looks so; carries the token."""
    UPSET = "upset"
    CHILD = "child"
    """The face in view is the child's; carries the token."""
    OTHER = "other"
    ASLEEP = "asleep"
    AWAKE = "awake"


FIELDS: Mapping[CaregiverAnswer, Mapping[str, bool]] = {
    CaregiverAnswer.USUAL: {"upset": False},
    CaregiverAnswer.UPSET: {"upset": True},
    CaregiverAnswer.CHILD: {"child": True},
    CaregiverAnswer.OTHER: {"child": False},
    CaregiverAnswer.ASLEEP: {"asleep": True},
    CaregiverAnswer.AWAKE: {"asleep": False},
}
"""Each question has a field of its own in the command."""
WITH_TOKEN = frozenset({CaregiverAnswer.USUAL, CaregiverAnswer.CHILD})
"""After the others nothing can rise that could not before."""


class SessionClient(CommandSender):
    """A caregiver's commands on the session."""

    def start(
        self,
        *,
        profile: str = "default",
        scenario: str = AUTO,
        minutes: float = 15.0,
        mode: Mode = Mode.ADAPTIVE,
    ) -> CommandOutcome:
        """Starts a session, and waits until the chair is active for it.

        Raises:
            NotConnectedError: the broker is away.
        """
        if not self.await_seen(lambda: self.seen.session, ANSWER_S):
            return silent(Account.SCENARIO_SELECTOR)
        self.await_seen(lambda: self.seen.is_latched() or self.seen.is_arm_ready(), READY_S)
        before = self.seen.session
        if not before:
            return silent(Account.SCENARIO_SELECTOR)
        command = SessionCommand(
            action=SessionAction.START,
            token=before.start_token or None,
            profile=profile,
            scenario=scenario,
            minutes=minutes,
            mode=mode,
        )
        old = before.session_id
        answer = self.ask(topics.SESSION_SET, command, lambda: self.seen.is_decided(old), START_S)
        return answer or self._outcome_of_start()

    def pause(self) -> CommandOutcome:
        """Fades out and keeps the session for at most 5 min.

        Raises:
            NotConnectedError: the broker is away.
        """
        return self._command(SessionAction.PAUSE, _phase_among({Phase.PAUSED}))

    def resume(self) -> CommandOutcome:
        """Goes on with a paused session.

        Raises:
            NotConnectedError: the broker is away.
        """
        return self._command(SessionAction.RESUME, _phase_among(FELT), with_token=True)

    def finish(self, rating: int | None = None) -> CommandOutcome:
        """Fades out and ends the session.

        Args:
            rating: How well it did this child, 1 to 5, 5 is best.

        Raises:
            NotConnectedError: the broker is away.
        """
        ended = _phase_among({Phase.CLOSING, Phase.IDLE})
        return self._command(SessionAction.FINISH, ended, rating=rating)

    def answer(self, answer: CaregiverAnswer) -> CommandOutcome:
        """Answers the open question, and waits until it is asked no more.

        Raises:
            NotConnectedError: the broker is away.
        """
        before = self.await_seen(lambda: self.seen.session, ANSWER_S)
        if not before:
            return silent(Account.SCENARIO_SELECTOR)
        if not before.question:
            return CommandOutcome(False, f"no question is open: the session is {before.phase}")
        question = before.question

        def told(after: SessionState) -> CommandOutcome:
            if after.question == question:
                return CommandOutcome(
                    False, f"'{answer}' is no answer to what is still asked: {question}"
                )
            then = f"; now it is asked: {after.question}" if after.question else ""
            return CommandOutcome(True, f"answered '{answer}': the session is {after.phase}{then}")

        with_token = answer in WITH_TOKEN
        return self._command(SessionAction.ANSWER, told, with_token=with_token, **FIELDS[answer])

    def dismiss(self, signal: str) -> CommandOutcome:
        """Has the session go on without a missing signal, which raises nothing by itself.

        Args:
            signal: Its name in `session/state`.

        Raises:
            NotConnectedError: the broker is away.
            ValidationError: no signal can have that name.
        """

        def told(after: SessionState) -> CommandOutcome:
            if any(
                heard.name == signal and heard.status is SignalStatus.MISSING
                for heard in after.signals
            ):
                return CommandOutcome(False, f"'{signal}' came and is missing again: look at it")
            return CommandOutcome(
                True, f"dismissed: the session goes on without '{signal}' until it is back"
            )

        return self._command(SessionAction.DISMISS, told, with_token=True, signal=signal)

    def allow_child(self) -> CommandOutcome:
        """Allows the child's own page for this session; a page allowed before has to ask anew.

        Raises:
            NotConnectedError: the broker is away.
        """

        def told(after: SessionState) -> CommandOutcome:
            if not after.child_token:
                return CommandOutcome(False, f"the session is {after.phase}: nothing is allowed")
            return CommandOutcome(True, f"allowed: the child's page may {what_child_may(after)}")

        return self._command(SessionAction.ALLOW_CHILD, told, with_token=True)

    def forbid_child(self) -> CommandOutcome:
        """Takes the child's page back; `less` stays.

        Raises:
            NotConnectedError: the broker is away.
        """

        def told(after: SessionState) -> CommandOutcome:
            if after.child_token:
                return CommandOutcome(False, "it was allowed again meanwhile")
            return CommandOutcome(True, "forbidden: the child's page may only ask for less")

        return self._command(SessionAction.FORBID_CHILD, told)

    def _command(
        self,
        action: SessionAction,
        told: Callable[[SessionState], CommandOutcome],
        *,
        with_token: bool = False,
        **fields: Any,
    ) -> CommandOutcome:
        state = self.await_seen(lambda: self.seen.session, ANSWER_S)
        if not state:
            return silent(Account.SCENARIO_SELECTOR)
        token = state.start_token or None if with_token else None
        command = SessionCommand(action=action, token=token, **fields)
        answer = self.ask(topics.SESSION_SET, command, self.later_state())
        after = self.seen.session
        return answer or (told(after) if after else silent(Account.SCENARIO_SELECTOR))

    def _outcome_of_start(self) -> CommandOutcome:
        session = self.seen.session
        if session is None or session.phase not in FELT:
            reason = session.reason if session else "the scenario-selector fell silent"
            return CommandOutcome(False, f"the session did not begin: {reason}")
        return CommandOutcome(True, f"started: {session.scenario}, {session.minutes_left:.0f} min")


def _phase_among(wanted: Collection[Phase]) -> Callable[[SessionState], CommandOutcome]:
    return lambda after: CommandOutcome(after.phase in wanted, f"the session is {after.phase}")
