"""Whatever happens in whatever order, some things never do."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.session import (
    Change,
    Channel,
    Mode,
    OverrideAction,
    Phase,
    SessionAction,
    SessionState,
)
from calmloop.scenario_selector.intensity import Steps
from calmloop.scenario_selector.limits import MAX_TURN_S
from calmloop.scenario_selector.plan import Tuning
from tests.unit.scenario_selector.child_rules import MARGIN_PCT, ChildRules
from tests.unit.scenario_selector.failure_rules import FailureRules
from tests.unit.scenario_selector.harness import HAPPY, NEUTRAL, UNKNOWN, Face, Harness

TUNING = Tuning(baseline_s=4.0, cycle_s=3.0, min_dwell_s=30.0, warm_up_s=0.0, steps=Steps())
SILENT = frozenset({Phase.IDLE, Phase.STARTING})
FADED_S = 5.0
EVIDENCE_LASTS_S = 4.0
ZERO_AFTER_LOSS_S = 30.0
SURELY_LOST_S = 3.1

faces: st.SearchStrategy[Face] = st.one_of(
    st.just(UNKNOWN),
    st.tuples(
        st.sampled_from([Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE]),
        st.floats(-1, 1),
        st.floats(0, 1),
    ),
    st.tuples(st.just(Label.POSITIVE), st.floats(0.5, 1), st.floats(0.6, 1)),
    st.tuples(st.just(Label.NEUTRAL), st.floats(-0.1, 0.1), st.floats(0.6, 1)),
)
durations = st.floats(0.1, 12.0)


class AnySession(ChildRules, FailureRules):
    """Faces, people, stops and failures, in any order."""

    tuning = TUNING

    @initialize()
    def enter(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.harness = Harness(Path(self._folder.name), tuning=self.tuning)
        self._seen = len(self.harness.states)
        self._person_until_s = 0.0
        self._known_s = self.harness.now_s
        self._positive_s = float("-inf")
        self._awake_s = self.harness.now_s

    def teardown(self) -> None:
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def _watch(self, act: Any, *, positive: bool = False, known: bool = False) -> None:
        """Lets `act` happen and checks each moment of it against the one before."""
        harness, before = self.harness, self.harness.state
        began_s = harness.now_s
        if positive:
            self._positive_s = float("inf")
        act()
        for state, at_s in zip(
            [*harness.states[self._seen :], harness.state],
            [*harness.times_s[self._seen :], harness.now_s],
            strict=True,
        ):
            if state.intensity_pct > before.intensity_pct + MARGIN_PCT:
                fresh_evidence = began_s - self._positive_s <= EVIDENCE_LASTS_S
                by_person = at_s <= self._person_until_s
                assert by_person or fresh_evidence or self._is_planned(before, state), (
                    before,
                    state,
                )
            lost_s = 0.0 if known or state.mode is Mode.MANUAL else at_s - self._known_s
            self._check(state, at_s, lost_s)
            before = state
        self._seen = len(harness.states)
        if positive:
            self._positive_s = harness.now_s
        if known:
            self._known_s = harness.now_s

    def _is_planned(self, before: SessionState, state: SessionState) -> bool:
        """Whether it rose no further than warming up, or coming back after calm, lets it."""
        rise_pct = state.intensity_pct - before.intensity_pct
        warm_up_s, steps = self.tuning.warm_up_s, self.tuning.steps
        warming_pct = steps.start_pct * MAX_TURN_S / warm_up_s if warm_up_s else 0.0
        recovered = state.change is Change.RECOVERED
        limit_pct = steps.up_pct if recovered else warming_pct
        return rise_pct <= limit_pct and state.intensity_pct <= steps.start_pct + MARGIN_PCT

    def _check(self, state: SessionState, at_s: float, lost_s: float) -> None:
        if state.phase is not Phase.PAUSED:
            self._awake_s = at_s
        paused_s = at_s - self._awake_s
        assert state.intensity_pct <= state.ceiling_pct + MARGIN_PCT
        if state.phase in SILENT or paused_s > FADED_S or lost_s > ZERO_AFTER_LOSS_S:
            assert state.intensity_pct == 0.0, (paused_s, lost_s, state)

    def _someone_is_there(self) -> None:
        """A person with a token may raise it, from now through a fade."""
        self._person_until_s = self.harness.now_s + FADED_S
        if self.harness.phase in (Phase.IDLE, Phase.PAUSED):
            self._known_s = self.harness.now_s

    def _see_the_child(self) -> None:
        """What a start or a resume of the harness begins with."""
        self._watch(lambda: self.harness.read(NEUTRAL), known=True)

    # --- what happens -----------------------------------------------------------------------

    @rule(face=faces, seconds=durations)
    def show(self, face: Face, seconds: float) -> None:
        positive = face[0] is Label.POSITIVE or face[1] > 0.1
        self._watch(
            lambda: self.harness.show(face, seconds),
            positive=positive,
            known=face[0] is not Label.UNKNOWN,
        )

    @rule(seconds=durations)
    def silence(self, seconds: float) -> None:
        self._watch(lambda: self.harness.wait(seconds))

    @rule(seconds=st.floats(20.0, 40.0), seen=st.booleans())
    def look_away(self, seconds: float, seen: bool) -> None:
        harness = self.harness
        self._watch(lambda: harness.show(UNKNOWN, seconds) if seen else harness.wait(seconds))

    @rule(seconds=st.floats(4.0, 50.0))
    def smile(self, seconds: float) -> None:
        self._watch(lambda: self.harness.show(HAPPY, seconds), positive=True, known=True)

    @rule(seconds=st.floats(6.0, 20.0))
    def pause(self, seconds: float) -> None:
        self._watch(lambda: self.harness.command(SessionAction.PAUSE))
        self.silence(seconds)

    @rule(face=faces, count=st.integers(1, 300))
    def flood(self, face: Face, count: int) -> None:
        positive = face[0] is Label.POSITIVE or face[1] > 0.1
        self._watch(
            lambda: [self.harness.read(face) for _ in range(count)],
            positive=positive,
            known=face[0] is not Label.UNKNOWN,
        )

    @rule(
        frame=st.integers(0, 2**62),
        captured=st.integers(0, 2**62),
        valence=st.floats(-1, 1),
        confidence=st.floats(0, 1),
        label=st.sampled_from(Label),
    )
    def odd_reading(
        self, frame: int, captured: int, valence: float, confidence: float, label: Label
    ) -> None:
        state = EmotionState(
            frame_seq=frame,
            captured_ns=captured,
            valence=valence,
            confidence=confidence,
            label=label,
        )
        self._watch(lambda: self.harness.engine.receive_emotion(state), positive=True, known=True)

    @rule(mode=st.sampled_from(Mode), minutes=st.floats(0.5, 30))
    def start(self, mode: Mode, minutes: float) -> None:
        def go() -> None:
            self.harness.start(mode=mode, minutes=minutes)
            self.harness.wait(0.3)

        self._someone_is_there()
        self._see_the_child()
        self._watch(go)

    @rule()
    def start_and_measure(self) -> None:
        self.press_stop()
        self.chair_is_well()
        self.latch(False)
        self.silence(2.0)
        self.start(Mode.ADAPTIVE, 30.0)
        self.show(NEUTRAL, 6.0)

    @rule(action=st.sampled_from(SessionAction), token=st.sampled_from([None, "", "0" * 16]))
    def command_by_nobody(self, action: SessionAction, token: str | None) -> None:
        phase = self.harness.phase
        fields: dict[str, Any] = {"token": token} if token else {}
        if action is SessionAction.DISMISS:
            fields["signal"] = "heart"
        self._watch(lambda: self.harness.command(action, **fields))
        assert self.harness.phase in (phase, Phase.PAUSED, Phase.CLOSING, Phase.IDLE)

    @rule()
    def resume(self) -> None:
        self._someone_is_there()
        self._see_the_child()
        self._watch(self.harness.resume)

    @rule()
    def more(self) -> None:
        harness = self.harness
        blind = (
            harness.state.mode is Mode.ADAPTIVE and harness.now_s - self._known_s > SURELY_LOST_S
        )
        if not blind:
            self._someone_is_there()
        self._watch(lambda: harness.override(OverrideAction.MORE, token=harness.token))

    @rule(ceiling_pct=st.floats(0, 100))
    def ceiling(self, ceiling_pct: float) -> None:
        self._watch(lambda: self.harness.override(OverrideAction.CEILING, ceiling_pct=ceiling_pct))

    @rule(action=st.sampled_from([OverrideAction.LESS, OverrideAction.HOLD]))
    def lower(self, action: OverrideAction) -> None:
        refusals: list[str | None] = []
        self._watch(lambda: refusals.append(self.harness.override(action)))
        assert refusals == [None]

    @rule(channel=st.sampled_from(Channel))
    def channel_off(self, channel: Channel) -> None:
        self._watch(lambda: self.harness.override(OverrideAction.CHANNELS_OFF, channels=[channel]))

    @rule()
    def release(self) -> None:
        self._watch(lambda: self.harness.override(OverrideAction.RELEASE, token=self.harness.token))

    # --- what must hold ---------------------------------------------------------------------

    @precondition(lambda self: hasattr(self, "harness"))
    @invariant()
    def the_chair_is_asked_for_no_more_than_the_intensity(self) -> None:
        setpoint = self.harness.engine.pop_setpoint()
        if setpoint is not None:
            asked_pct = max(setpoint.vibration.level_pct, setpoint.sound.level_pct)
            assert asked_pct <= self.harness.intensity_pct + MARGIN_PCT

    @precondition(lambda self: hasattr(self, "harness"))
    @invariant()
    def a_latched_stop_leaves_nothing_running(self) -> None:
        if self.harness.latched:
            self.harness.expect(Phase.IDLE)


AnySession.TestCase.settings = settings(max_examples=40, stateful_step_count=40)
TestAnySession = AnySession.TestCase


class AnyPlannedSession(AnySession):
    """The same, warming up and closing."""

    tuning = replace(TUNING, warm_up_s=40.0)


AnyPlannedSession.TestCase.settings = settings(max_examples=25, stateful_step_count=40)
TestAnyPlannedSession = AnyPlannedSession.TestCase


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("machine", [AnySession, AnyPlannedSession])
def test_any_session_for_long(machine: type[AnySession]) -> None:
    thorough = settings(max_examples=1500, stateful_step_count=60, derandomize=False)
    run_state_machine_as_test(machine, settings=thorough)
