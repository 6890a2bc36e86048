"""The caregiver of a demo: what a person does, with the tokens of the states just seen."""

from calmloop.bus.bus import Bus
from calmloop.contract import topics
from calmloop.contract.messages.safety import AlarmAck, ResetCommand
from calmloop.contract.messages.session import (
    AUTO,
    OverrideAction,
    OverrideCommand,
    Phase,
    SessionAction,
    SessionCommand,
)
from calmloop.demo.tally import Tally


class DemoCaregiver:
    """Sends commands; what came of them shows in the states and in `rejected`."""

    def __init__(self, bus: Bus, tally: Tally) -> None:
        self._bus = bus
        self._tally = tally

    def stop(self) -> None:
        """Stops the chair at once."""
        self._bus.publish_stop(b"caregiver")

    def reset(self) -> None:
        """Unlatches a stop, acknowledging what is waiting for it."""
        for kind in {alarm.kind for alarm in self._tally.report.alarms if alarm.active}:
            self._bus.publish(topics.ALARM_ACK, AlarmAck(by="demo"), kind=kind)
        if self._tally.stop is not None and self._tally.stop.reset_token:
            self._bus.publish(topics.STOP_RESET, ResetCommand(token=self._tally.stop.reset_token))

    def start(self, minutes: float, scenario: str = AUTO) -> None:
        """Starts a session."""
        self._session(SessionAction.START, minutes, scenario)

    def finish(self) -> None:
        """Ends the session softly."""
        self._session(SessionAction.FINISH)

    def pause_or_resume(self) -> None:
        """Pauses a running session, resumes a paused one."""
        session = self._tally.session
        paused = session is not None and session.phase is Phase.PAUSED
        self._session(SessionAction.RESUME if paused else SessionAction.PAUSE)

    def less(self) -> None:
        """One step down."""
        self._override(OverrideAction.LESS)

    def more(self) -> None:
        """One step up."""
        self._override(OverrideAction.MORE)

    def _token(self) -> str | None:
        session = self._tally.session
        return session.start_token or None if session else None

    def _session(self, action: SessionAction, minutes: float = 15.0, scenario: str = AUTO) -> None:
        command = SessionCommand(
            action=action, token=self._token(), minutes=minutes, scenario=scenario
        )
        self._bus.publish(topics.SESSION_SET, command)

    def _override(self, action: OverrideAction) -> None:
        self._bus.publish(topics.OVERRIDE_SET, OverrideCommand(action=action, token=self._token()))
