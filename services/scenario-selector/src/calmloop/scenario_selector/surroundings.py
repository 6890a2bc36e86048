"""What a session depends on: the latched stop, the watchdog, the chair, a face in view.

Says why a session may not start, and why one must end.
"""

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.freshness import Ages, Latest, Received
from calmloop.contract import topics
from calmloop.contract.messages.chair import ArmOutcome, ChairMode, ChairState
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import Mode
from calmloop.scenario_selector.limits import (
    ACTIVE_WAIT_S,
    AFTER_STOP_S,
    CHAIR_LIMIT_MARGIN_S,
    CHAIR_LOST_S,
    PRESS_LASTS_S,
)
from calmloop.scenario_selector.perception import Perception

STOP_STATE_MAX_AGE_S = topics.STOP_STATE.max_age_s or 0.0
CHAIR_STATE_MAX_AGE_S = topics.CHAIR_STATE.max_age_s or 0.0


class Button:
    """A button as each state of the chair shows it; held down, or bouncing, it is pressed once.

    One that is down from the first state on was not pressed.
    """

    def __init__(self) -> None:
        self._is_down = True
        self._is_pressed = False
        self._pressed_s = float("-inf")

    def see(self, is_down: bool, now_s: float) -> None:
        """It is down or up now."""
        if is_down and not self._is_down and now_s - self._pressed_s >= PRESS_LASTS_S:
            self._is_pressed, self._pressed_s = True, now_s
        self._is_down = is_down

    def pop(self) -> bool:
        """Whether it was pressed since this was asked last."""
        pressed, self._is_pressed = self._is_pressed, False
        return pressed


class Surroundings:
    """The newest news of stop and chair, and when they came.

    Attributes:
        perception: Where news of camera, face and emotion go.
        less_button: The child's second button.
    """

    def __init__(self, clock: Clock, ages: Ages) -> None:
        self.perception = Perception(ages)
        self.less_button = Button()
        self._clock = clock
        self._ages = ages
        self._stop_state = Latest[StopState](ages, STOP_STATE_MAX_AGE_S)
        self._chair = Latest[ChairState](ages, CHAIR_STATE_MAX_AGE_S)
        self._watchdog_heard_s = float("-inf")
        self._chair_heard_s = float("-inf")
        self._stopped_s = float("-inf")
        self._was_active = False

    @property
    def chair(self) -> ChairState | None:
        """The chair's state if it is fresh."""
        return self._chair.get()

    def receive_stop_state(self, received: Received[StopState]) -> None:
        """The watchdog says how the stop is."""
        self._stop_state.put(received)
        born_s = monotonic_s(self._clock) - self._ages.age_s(received)
        self._watchdog_heard_s = max(self._watchdog_heard_s, born_s)

    def receive_chair(self, received: Received[ChairState]) -> None:
        """The chair reports."""
        self._chair.put(received)
        born_s = monotonic_s(self._clock) - self._ages.age_s(received)
        self._chair_heard_s = max(self._chair_heard_s, born_s)
        self._was_active |= received.message.mode is ChairMode.ACTIVE
        self.less_button.see(received.message.inputs.child_less, monotonic_s(self._clock))

    def note_stop(self) -> None:
        """Somebody pressed stop: what the watchdog said before is void."""
        self._stopped_s = monotonic_s(self._clock)
        self._stop_state.clear()

    def forget(self) -> None:
        """Drops the news; when they came is not forgotten, so silence still counts."""
        self._stop_state.clear()
        self._chair.clear()
        self.perception.forget()

    def start_blocker(self, mode: Mode) -> str | None:
        """Why no session of that mode may start now, in plain words."""
        now_s = monotonic_s(self._clock)
        if now_s - self._stopped_s < AFTER_STOP_S:
            return f"a stop was pressed less than {AFTER_STOP_S:g} s ago: reset it first"
        state = self._stop_state.get()
        if state is None:
            return (
                f"the safety-watchdog has not been heard for {STOP_STATE_MAX_AGE_S:g} s:"
                " check that it runs"
            )
        if state.latched:
            return f"a stop is latched ({state.cause or 'no cause given'}): reset it first"
        if state.withheld:
            return f"the safety-watchdog gives no lease: {'; '.join(state.withheld)}"
        return self._arm_blocker() or self.face_blocker(mode)

    def start_blockers(self) -> dict[Mode, str]:
        """The same of each mode that may not start."""
        return {mode: why for mode in Mode if (why := self.start_blocker(mode))}

    def face_blocker(self, mode: Mode) -> str | None:
        """Why nothing that goes by a face may begin or go on; a manual session goes by none."""
        return None if mode is Mode.MANUAL else self.perception.blocker()

    def _arm_blocker(self) -> str | None:
        chair = self.chair
        if chair is None:
            return (
                f"the chair has not been heard for {CHAIR_STATE_MAX_AGE_S:g} s:"
                " check actuator-bridge and the cable"
            )
        if chair.lockout_s > 0.0:
            return f"the chair is locked for another {chair.lockout_s:.1f} s after a stop: wait"
        if not chair.arm_ready:
            return f"the chair cannot be armed: {chair.arm_blocker or chair.mode.value}"
        return None

    def end_reason(self) -> str | None:
        """Why any session must end now, whatever it does."""
        now_s = monotonic_s(self._clock)
        state = self._stop_state.get()
        if state is not None and state.latched:
            return f"a stop is latched: {state.cause or 'no cause given'}"
        if now_s - self._watchdog_heard_s > STOP_STATE_MAX_AGE_S:
            return f"the safety-watchdog has been silent for {STOP_STATE_MAX_AGE_S:g} s"
        if now_s - self._chair_heard_s > CHAIR_LOST_S:
            return f"the chair has been silent for {CHAIR_LOST_S:g} s"
        return None

    def expect_activity(self) -> None:
        """Setpoints begin: from now on the chair must become active, and stay it."""
        self._was_active = False

    def chair_left_reason(self, asked_for_s: float) -> str | None:
        """Why the chair is not active although setpoints were sent for `asked_for_s`."""
        chair = self.chair
        if chair is None or chair.mode is ChairMode.ACTIVE:
            return None
        if chair.mode is ChairMode.ARMED and not self._was_active:
            late = asked_for_s > ACTIVE_WAIT_S
            return f"the chair did not become active in {ACTIVE_WAIT_S:g} s" if late else None
        why = chair.stop_reason or chair.fault or chair.reason or "no reason given"
        return f"the chair left its session ({chair.mode.value}): {why}"

    def arm_outcome(self, start_id: str) -> tuple[ArmOutcome, str]:
        """What became of the request to arm for `start_id`, and why it was refused."""
        chair = self.chair
        if chair is None or chair.arm is None or chair.arm.start_id != start_id:
            return ArmOutcome.PENDING, ""
        if chair.arm.outcome is ArmOutcome.ACCEPTED and chair.mode is not ChairMode.ARMED:
            return ArmOutcome.PENDING, ""
        return chair.arm.outcome, chair.arm.reason

    def chair_limit_is_near(self) -> bool:
        """Whether the chair would end this session by itself within seconds."""
        chair = self.chair
        return (
            chair is not None
            and chair.mode is ChairMode.ACTIVE
            and 0.0 < chair.session_left_s <= CHAIR_LIMIT_MARGIN_S
        )
