"""What a caregiver does, one command at a time, each with what became of it in plain words.

Nothing is sent twice and nothing is sent later: a command that could not be confirmed is told
as such, and it is for the person to decide.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from calmloop.bus.bus import Bus
from calmloop.caregiver.seen import BusView
from calmloop.contract import topics
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.learning import LearningAction, LearningCommand
from calmloop.contract.messages.safety import AlarmAck, AlarmKind, ResetCommand
from calmloop.contract.messages.session import (
    AUTO,
    Channel,
    Mode,
    OverrideAction,
    OverrideCommand,
    Phase,
    SessionAction,
    SessionCommand,
)
from calmloop.contract.topics import Account, Topic

Found = TypeVar("Found")

ANSWER_S = 3.0
"""States come once a second and are fresh for 2.5 s: no answer for longer means nobody is there."""
BLOCKER_S = 3.0
"""A reset is refused for 1 s after a stop; what blocks it for longer needs a person."""
READY_S = 5.0
"""The chair's lockout of 3 s after a stop, and the second of good leases that it wants to see."""
START_S = 15.0
"""A second of good leases, the chair's answer to ARM, the first setpoint."""

FELT = frozenset({Phase.BASELINE, Phase.RUNNING, Phase.MANUAL})
LOWERING = frozenset({OverrideAction.LESS, OverrideAction.HOLD, OverrideAction.CHANNELS_OFF})
"""Always accepted, and so sent without waiting for a token."""


@dataclass(frozen=True)
class CommandOutcome:
    """What became of a command."""

    done: bool
    text: str


class CaregiverClient:
    """A caregiver's commands on a bus that is started and closed elsewhere.

    Calls block, and handle what comes meanwhile in the caller's thread.

    Attributes:
        seen: What was seen on the bus so far.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.seen = BusView(bus)

    @property
    def trouble(self) -> str:
        """What the broker said when it last ended or refused the connection."""
        return self._bus.trouble

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
            return _silent(Account.SAFETY_WATCHDOG)
        if not self.seen.is_latched():
            return CommandOutcome(True, "no stop is latched: nothing to reset")
        self.await_seen(lambda: not self.seen.blockers(), BLOCKER_S)
        if self.seen.blockers():
            return CommandOutcome(False, f"not yet: {'; '.join(self.seen.blockers())}")
        token = self.seen.stop.reset_token if self.seen.stop else ""
        answer = self._ask(
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
            return _silent(Account.SAFETY_WATCHDOG)
        before = self.seen.alarm(kind)
        if not (before and before.active and before.acknowledged):
            answer = self._ask(
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
            return _silent(Account.SCENARIO_SELECTOR)
        self.await_seen(lambda: self.seen.is_latched() or self.seen.is_arm_ready(), READY_S)
        before = self.seen.session
        if not before:
            return _silent(Account.SCENARIO_SELECTOR)
        command = SessionCommand(
            action=SessionAction.START,
            token=before.start_token or None,
            profile=profile,
            scenario=scenario,
            minutes=minutes,
            mode=mode,
        )
        old = before.session_id
        answer = self._ask(topics.SESSION_SET, command, lambda: self.seen.is_decided(old), START_S)
        return answer or self._outcome_of_start()

    def pause(self) -> CommandOutcome:
        """Fades out and keeps the session for at most 5 min.

        Raises:
            NotConnectedError: the broker is away.
        """
        return self._change(SessionAction.PAUSE, frozenset({Phase.PAUSED}))

    def resume(self) -> CommandOutcome:
        """Goes on with a paused session.

        Raises:
            NotConnectedError: the broker is away.
        """
        return self._change(SessionAction.RESUME, FELT)

    def finish(self, rating: int | None = None) -> CommandOutcome:
        """Fades out and ends the session.

        Args:
            rating: How well it did this child, 1 to 5, 5 is best.

        Raises:
            NotConnectedError: the broker is away.
        """
        return self._change(SessionAction.FINISH, frozenset({Phase.CLOSING, Phase.IDLE}), rating)

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
        answer = self._ask(topics.OVERRIDE_SET, command, self._later_state())
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
        answer = self._ask(topics.LEARNING_SET, command, self._later_state())
        return answer or CommandOutcome(True, f"taken: {action}")

    def await_seen(self, condition: Callable[[], Found], timeout_s: float) -> Found:
        """Handles what comes until the condition holds or the time is over; its last value."""
        deadline = time.monotonic() + timeout_s
        while not (found := condition()) and time.monotonic() < deadline:
            self._bus.wait(0.1)
            self._bus.dispatch()
        return found

    def _change(
        self, action: SessionAction, wanted: frozenset[Phase], rating: int | None = None
    ) -> CommandOutcome:
        state = self.await_seen(lambda: self.seen.session, ANSWER_S)
        if not state:
            return _silent(Account.SCENARIO_SELECTOR)
        token = state.start_token or None if action is SessionAction.RESUME else None
        command = SessionCommand(action=action, token=token, rating=rating)
        answer = self._ask(topics.SESSION_SET, command, self._later_state())
        if answer:
            return answer
        phase = self.seen.session.phase if self.seen.session else Phase.IDLE
        return CommandOutcome(phase in wanted, f"the session is {phase}")

    def _ask(
        self,
        topic: Topic[Command],
        command: Command,
        answered: Callable[[], object],
        timeout_s: float = ANSWER_S,
        **fields: str,
    ) -> CommandOutcome | None:
        """Sends a command; None once `answered`, else why it was refused or got no answer."""
        mark, name = self.seen.refusal_count, topic.name(self._bus.chair_id, **fields)
        self._bus.publish(topic, command, data=b"", **fields)
        self.await_seen(lambda: self.seen.refusal(name, mark) or answered(), timeout_s)
        reason = self.seen.refusal(name, mark)
        if reason:
            return CommandOutcome(False, f"refused: {reason}")
        reader = next(iter(topic.readers - {Account.CAREGIVER, Account.MONITOR}))
        return None if answered() else _silent(reader)

    def _later_state(self) -> Callable[[], bool]:
        """Holds once the selector must have decided: the next state may have been under way."""
        path = topics.SESSION_STATE.path
        enough = self.seen.counts[path] + 2
        return lambda: self.seen.counts[path] >= enough

    def _outcome_of_start(self) -> CommandOutcome:
        session = self.seen.session
        if session is None or session.phase not in FELT:
            reason = session.reason if session else "the scenario-selector fell silent"
            return CommandOutcome(False, f"the session did not begin: {reason}")
        return CommandOutcome(True, f"started: {session.scenario}, {session.minutes_left:.0f} min")


def _silent(service: Account) -> CommandOutcome:
    return CommandOutcome(False, f"no answer from the {service}: is it running?")
