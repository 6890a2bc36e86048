"""What goes wrong around a session: the chair, the watchdog, the process itself."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Phase
from tests.unit.scenario_selector.harness import Harness


class FailureRules(RuleBasedStateMachine):
    """Rules for a machine that has a harness and watches each moment of it."""

    harness: Harness

    def _watch(self, act: Callable[[], Any]) -> None:
        raise NotImplementedError

    @rule(mode=st.sampled_from(ChairMode))
    def chair_goes(self, mode: ChairMode) -> None:
        def go() -> None:
            self.harness.chair.mode = mode
            self.harness.wait(0.2)

        self._watch(go)

    @rule()
    def chair_is_well(self) -> None:
        if self.harness.phase is Phase.IDLE:
            self.harness.chair.mode = ChairMode.SAFE

    @rule()
    def press_stop(self) -> None:
        self._watch(lambda: self.harness.engine.stop("stop was pressed"))
        self.harness.expect(Phase.IDLE)
        assert self.harness.engine.pop_setpoint() is None

    @rule(latched=st.booleans())
    def latch(self, latched: bool) -> None:
        def hear() -> None:
            self.harness.latched = latched
            self.harness.wait(0.6)

        self._watch(hear)

    @rule(seconds=st.floats(0.3, 5.0))
    def hang(self, seconds: float) -> None:
        def go() -> None:
            self.harness.clock.advance(seconds)
            self.harness.engine.forget()
            self.harness.turn()

        self._watch(go)
