"""The latched stop: set by anything that stops the chair, cleared only by a person."""

from collections.abc import Sequence
from datetime import datetime

from calmloop.base.clock import Clock
from calmloop.base.tokens import TokenIssuer
from calmloop.contract.messages.safety import StopCause, StopState

__all__ = ["Latch", "StopCause"]

RESET_REFUSED_S = 1.0
"""Clearing a retained stop is itself an empty stop: a reset must not slip in between."""
JUST_STOPPED = f"a stop came just now: wait {RESET_REFUSED_S:g} s"


class Latch:
    """Starts latched; a stop is never refused, a reset often is.

    Attributes:
        latched: Whether outputs are refused.
        cause: What latched it first, since it was last reset.
        text: The same in plain words.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens = TokenIssuer(clock)
        self._stopped_ns = clock.monotonic_ns()
        self._since: datetime = clock.utc_now()
        self.latched = True
        self.cause = StopCause.START_UP
        self.text = "start-up: reset when the child and the chair are ready"

    def stop(self, cause: StopCause, text: str) -> bool:
        """Latches. The first cause stays, except that any stop replaces the start-up.

        Voids the reset tokens, so that only someone who saw this stop can clear it.

        Returns:
            Whether it was free before, or its published cause changed.
        """
        self._stopped_ns = self._clock.monotonic_ns()
        self._tokens = TokenIssuer(self._clock)
        if self.latched and self.cause is not StopCause.START_UP:
            return False
        self.latched, self.cause, self.text = True, cause, text
        self._since = self._clock.utc_now()
        return True

    def reset(self, token: str | None, blockers: Sequence[str]) -> str | None:
        """Unlatches if nothing speaks against it.

        Args:
            token: As carried by the command.
            blockers: What must be gone first, in plain words.

        Returns:
            None when it unlatched, else the reason for refusing. Only a success spends the token.
        """
        if not self.latched:
            return "no stop is latched: nothing to reset"
        waits_for = self._waits_for(blockers)
        if waits_for:
            return f"first see to this: {'; '.join(waits_for)}"
        reason = self._tokens.use(token)
        if reason is None:
            self.latched = False
        return reason

    def renew_token(self) -> bool:
        """Renews the reset token if it is due; says whether it did and the latch is set."""
        return self._tokens.renew_if_due() and self.latched

    def state(self, blockers: Sequence[str]) -> StopState:
        """The message for everyone."""
        if not self.latched:
            return StopState(latched=False)
        return StopState(
            latched=True,
            kind=self.cause,
            cause=self.text[:300],
            since=self._since.isoformat(timespec="milliseconds"),
            reset_token=self._tokens.current,
            blockers=self._waits_for(blockers),
        )

    def _waits_for(self, blockers: Sequence[str]) -> tuple[str, ...]:
        elapsed_s = (self._clock.monotonic_ns() - self._stopped_ns) / 1e9
        just_now = [] if elapsed_s >= RESET_REFUSED_S else [JUST_STOPPED]
        return (*just_now, *blockers)
