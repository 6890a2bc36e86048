"""What a caregiver does, a command at a time: stop, reset, acknowledge, override, teach, sessions.

What became of a command is told in plain words.
"""

from calmloop.caregiver.sending import ANSWER_S, CommandOutcome, silent
from calmloop.caregiver.session import SessionClient
from calmloop.contract import topics
from calmloop.contract.messages.learning import LearningAction, LearningCommand
from calmloop.contract.messages.safety import AlarmAck, AlarmKind, ResetCommand
from calmloop.contract.messages.session import Channel, OverrideAction, OverrideCommand
from calmloop.contract.topics import Account

BLOCKER_S = 3.0
"""A reset is refused for 1 s after a stop; what blocks it for longer needs a person."""
LOWERING = frozenset({OverrideAction.LESS, OverrideAction.HOLD, OverrideAction.CHANNELS_OFF})
"""Always accepted, and so sent without waiting for a token."""


class CaregiverClient(SessionClient):
    """A caregiver's commands on a bus that is started and closed elsewhere."""

    def stop(self) -> CommandOutcome:
        """Stops the chair, and waits until it reports that it is still.

        Raises:
            NotConnectedError: the broker is away: press the red button.
        """
        self._bus.publish_stop(b"caregiver")
        latched = self.await_seen(self.seen.is_latched, ANSWER_S)
        if not latched:
            return CommandOutcome(
                False, "nobody confirmed the stop: press the red button on the chair"
            )
        still = self.await_seen(self.seen.is_still, ANSWER_S)
        if not still:
            return CommandOutcome(
                False, "the stop is latched, but the chair does not report that it is still: look"
            )
        return CommandOutcome(
            True, "stopped: vibration and sound are zero; `calmloop reset` unlatches it"
        )

    def reset(self) -> CommandOutcome:
        """Unlatches a stop once nothing speaks against it.

        Raises:
            NotConnectedError: the broker is away.
        """
        if not self.await_seen(lambda: self.seen.stop, ANSWER_S):
            return silent(Account.SAFETY_WATCHDOG)
        if not self.seen.is_latched():
            return CommandOutcome(True, "no stop is latched: nothing to reset")
        self.await_seen(lambda: not self.seen.blockers(), BLOCKER_S)
        if self.seen.blockers():
            return CommandOutcome(False, f"not yet: {'; '.join(self.seen.blockers())}")
        token = self.seen.stop.reset_token if self.seen.stop else ""
        answer = self.ask(
            topics.STOP_RESET,
            ResetCommand(token=token or "none"),
            lambda: self.seen.stop and not self.seen.stop.latched,
        )
        return answer or CommandOutcome(True, "reset: the chair may be started")

    def ack(self, kind: AlarmKind, by: str = "") -> CommandOutcome:
        """Acknowledges an alarm.

        Raises:
            NotConnectedError: the broker is away.
        """
        if not self.await_seen(lambda: self.seen.stop, ANSWER_S):
            return silent(Account.SAFETY_WATCHDOG)
        before = self.seen.alarm(kind)
        if not (before and before.active and before.acknowledged):
            answer = self.ask(
                topics.ALARM_ACK,
                AlarmAck(by=by),
                lambda: self.seen.is_acknowledged(kind, before),
                kind=kind,
            )
            if answer:
                return answer
        alarm = self.seen.alarm(kind)
        still = f"; it stands until this is over: {alarm.text}" if alarm and alarm.active else ""
        return CommandOutcome(True, f"alarm '{kind}' is acknowledged{still}")

    def override(
        self,
        action: OverrideAction,
        *,
        ceiling_pct: float | None = None,
        channels: tuple[Channel, ...] = (),
        scenario: str | None = None,
    ) -> CommandOutcome:
        """Overrides the engine. What lowers is sent at once, the rest with the token.

        Raises:
            NotConnectedError: the broker is away.
        """
        token = None
        if action not in LOWERING:
            state = self.await_seen(lambda: self.seen.session, ANSWER_S)
            token = state.start_token or None if state else None
        command = OverrideCommand(
            action=action,
            token=token,
            ceiling_pct=ceiling_pct,
            channels=channels,
            scenario=scenario,
        )
        answer = self.ask(topics.OVERRIDE_SET, command, self.later_state())
        return answer or CommandOutcome(True, f"taken: {self.seen.described()}")

    def teach(
        self,
        action: LearningAction,
        *,
        profile: str | None = None,
        scenario: str | None = None,
        rating: int | None = None,
    ) -> CommandOutcome:
        """Shows or corrects what was learned of a child: raises no output, so it needs no token.

        Raises:
            NotConnectedError: the broker is away.
        """
        command = LearningCommand(action=action, profile=profile, scenario=scenario, rating=rating)
        answer = self.ask(topics.LEARNING_SET, command, self.later_state())
        return answer or CommandOutcome(True, f"taken: {action}")
