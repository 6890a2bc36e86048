"""Whether anything may sound, which track, and until when it may without further news.

Pure. The chair's own amplifier is the volume: from the setpoint's level follows only whether there
is sound at all.
"""

from dataclasses import dataclass

from calmloop.base.clock import Clock
from calmloop.base.freshness import Ages, Latest, Received
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.stimulus import Setpoint

SOUNDING = frozenset({ChairMode.ACTIVE, ChairMode.RAMPDOWN})
"""The chair's states in which its outputs may be above zero."""
CHAIR_MAX_AGE_S = topics.CHAIR_STATE.max_age_s or 0.0
STOP_STATE_MAX_AGE_S = topics.STOP_STATE.max_age_s or 0.0


@dataclass(frozen=True)
class Verdict:
    """What may sound.

    Attributes:
        track: What the setpoint names, to be made ready before it may sound; or empty.
        until_ns: It may sound until then, CLOCK_MONOTONIC; 0 for not at all.
        reason: Why not.
    """

    track: str = ""
    until_ns: int = 0
    reason: str = ""


class SilenceRules:
    """Knows the newest of setpoint, chair and stop. What is not known is silent."""

    def __init__(self, clock: Clock, ages: Ages) -> None:
        self._clock = clock
        self._ages = ages
        self._setpoint: Received[Setpoint] | None = None
        self._chair: Received[ChairState] | None = None
        self._stop_state: Latest[StopState] = Latest(ages, STOP_STATE_MAX_AGE_S)
        self._stopped = False

    def receive_setpoint(self, received: Received[Setpoint]) -> None:
        """A setpoint came."""
        self._setpoint = received

    def receive_chair(self, received: Received[ChairState]) -> None:
        """The chair reports. Only when it has left its session is a stop over."""
        self._chair = received
        if received.message.mode not in SOUNDING:
            self._stopped = False

    def receive_stop_state(self, received: Received[StopState]) -> None:
        """The watchdog says whether a stop is latched."""
        self._stop_state.put(received)

    def stop(self) -> None:
        """Somebody pressed stop."""
        self._stopped = True

    def clear(self) -> None:
        """Forgets every input but stops: it may be old."""
        self._setpoint = self._chair = None
        self._stop_state.clear()

    def verdict(self) -> Verdict:
        """What may sound now."""
        setpoint = self._setpoint
        left_s = 0.0
        if setpoint is not None:
            left_s = setpoint.message.ttl_ms / 1000.0 - self._ages.age_s(setpoint)
        if setpoint is None or left_s <= 0.0:
            return Verdict(reason="no setpoint is in force")
        sound = setpoint.message.sound
        if reason := self._stop_reason() or self._chair_reason():
            return Verdict(track=sound.track, reason=reason)
        if not sound.track or sound.level_pct <= 0.0:
            return Verdict(track=sound.track, reason="no sound is asked for")
        left_s = min(left_s, self._chair_left_s())
        return Verdict(sound.track, self._clock.monotonic_ns() + round(left_s * 1e9))

    def _stop_reason(self) -> str:
        if self._stopped:
            return "stop was pressed"
        state = self._stop_state.get()
        latched = state is not None and state.latched
        return f"a stop is latched: {state.cause}" if state and latched else ""

    def _chair_reason(self) -> str:
        if self._chair is None or self._chair_left_s() <= 0.0:
            return f"the chair has not been heard for {CHAIR_MAX_AGE_S:g} s"
        mode = self._chair.message.mode
        return "" if mode in SOUNDING else f"the chair is {mode}"

    def _chair_left_s(self) -> float:
        return CHAIR_MAX_AGE_S - self._ages.age_s(self._chair) if self._chair else 0.0
