"""What a child does on its page and with its button, and whose face is seen, among all else."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from calmloop.contract.messages.child import ChildAction
from calmloop.contract.messages.face import FaceState, SeatPresence
from calmloop.contract.messages.session import Phase, SessionAction
from calmloop.scenario_selector.intensity import Steps
from tests.unit.scenario_selector.harness import Harness

STEP_UP_PCT = Steps().up_pct
MARGIN_PCT = 1e-6


class ChildRules(RuleBasedStateMachine):
    """Rules for a machine that has a harness and watches each moment of it."""

    harness: Harness

    def _watch(self, act: Callable[[], Any]) -> None:
        raise NotImplementedError

    @rule()
    def allow_the_child(self) -> None:
        harness = self.harness
        self._watch(lambda: harness.command(SessionAction.ALLOW_CHILD, token=harness.token))

    @rule(action=st.sampled_from(ChildAction), allowed=st.booleans(), offer=st.integers(0, 3))
    def child_asks(self, action: ChildAction, allowed: bool, offer: int) -> None:
        """It may be raised by one step, in a running session and with the token."""
        harness, state = self.harness, self.harness.state
        names = [*(entry.scenario for entry in state.offers), "night-sky"]
        fields = {"token": (state.child_token if allowed else "") or "0" * 16}
        if action is ChildAction.CHOOSE:
            fields["scenario"] = names[offer % len(names)]
        refusal = harness.child(action, **fields)
        rise_pct = harness.state.intensity_pct - state.intensity_pct
        if refusal is not None or action is not ChildAction.MORE:
            assert rise_pct <= MARGIN_PCT, (action, refusal, state)
        else:
            assert allowed
            assert state.phase is Phase.RUNNING
            assert rise_pct <= STEP_UP_PCT + MARGIN_PCT
        self._watch(lambda: None)

    @rule(pressed=st.booleans(), seconds=st.floats(0.1, 2.0))
    def less_button(self, pressed: bool, seconds: float) -> None:
        self.harness.chair.less_pressed = pressed
        self._watch(lambda: self.harness.wait(seconds))

    @rule(
        tracks=st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=1, max_size=20),
        presence=st.sampled_from([None, *SeatPresence]),
    )
    def odd_faces(self, tracks: list[str | None], presence: SeatPresence | None) -> None:
        def detect() -> None:
            for track in tracks:
                face = FaceState(
                    frame_seq=1, captured_ns=1, count=1, track_id=track, presence=presence
                )
                self.harness.engine.receive_face(self.harness.received(face))

        self._watch(detect)
