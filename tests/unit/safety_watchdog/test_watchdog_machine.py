"""Whatever comes in whatever order: no lease that may not be, no unlatching without a person."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind, Severity
from calmloop.contract.messages.session import ENDED_BY_PLAN, Phase
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.heartbeats import REQUIRED
from tests.unit.safety_watchdog.harness import Harness

BEAT_FRESH_S = 1.5
UNSEEN_MAX_S = 30.0
TOKEN_VALID_S = 5.0
RESET_REFUSED_S = 1.0
UNHEARD = "unheard"
"""No name of a session: after a late turn the watchdog waits to hear which one runs, and the chair
stays with the one that it was active for."""


@dataclass
class Known:
    """A token that was told, and when it was first seen."""

    at_s: float
    void: bool = False


class Watched(RuleBasedStateMachine):
    """Keeps books of its own about everything it tells the watchdog."""

    @initialize()
    def begin(self) -> None:
        self.harness = Harness()
        self.tokens: dict[str, Known] = {}
        self.beats: dict[Account, tuple[float, bool]] = {}
        self.critical_since: dict[AlarmKind, float] = {}
        self.stopped_s = self.now_s
        self.mode = ChairMode.SAFE
        self.session: tuple[Phase, str] = (Phase.IDLE, "")
        self.active_session = ""
        self.was_latched = True
        self.read_token()

    @property
    def now_s(self) -> float:
        return round(self.harness.clock.monotonic_ns() / 1e9, 6)

    def read_token(self) -> None:
        if self.harness.token:
            self.tokens.setdefault(self.harness.token, Known(self.now_s))

    def after(self) -> None:
        """What everyone sees after each event."""
        self.harness.turn()
        self.harness.watchdog.latch.renew_token()
        self.read_token()
        for kind, alarm in self.harness.alarms.items():
            waiting = (
                alarm.active and not alarm.acknowledged and alarm.severity is Severity.CRITICAL
            )
            if waiting:
                self.critical_since.setdefault(kind, self.now_s)
            else:
                self.critical_since.pop(kind, None)

    @rule(seconds=st.floats(0.02, 2.0) | st.just(6.0))
    def wait(self, seconds: float) -> None:
        self.harness.clock.advance(seconds)
        self.after()

    @rule(seconds=st.floats(0.5, 3.0) | st.just(32.0))
    def all_go_on(self, seconds: float) -> None:
        """The required services beat and the chair reports as before, for a while."""
        for _ in range(round(seconds / 0.5)):
            self.harness.clock.advance(0.5)
            for service in REQUIRED:
                self.beat(service, healthy=True)
            self.report(self.mode)

    @rule(pause_s=st.sampled_from([0.8, 1.2]))
    def someone_makes_ready(self, pause_s: float) -> None:
        """All are well, and a person resets with the token of the moment."""
        self.harness.inputs["estop"] = False
        self.engine_reports(Phase.IDLE, "s1", distress=False)
        self.report(ChairMode.SAFE)
        self.harness.clock.advance(pause_s)
        self.all_go_on(0.5 if pause_s > 1 else 0.0)
        self.reset_with(self.harness.token)

    @rule()
    def a_session_runs(self) -> None:
        self.engine_reports(Phase.RUNNING, "s1", distress=False)
        self.report(ChairMode.ACTIVE)

    @rule(seconds=st.sampled_from([29.0, 32.0]))
    def a_service_falters_in_a_session_and_nobody_looks(self, seconds: float) -> None:
        self.engine_reports(Phase.STARTING, "s1", distress=False)
        self.beat(Account.SCENARIO_SELECTOR, healthy=False)
        self.all_go_on(seconds)

    @rule(phase=st.sampled_from([Phase.IDLE, Phase.CLOSING]), name=st.sampled_from(["s1", "s2"]))
    def a_session_ends(self, phase: Phase, name: str) -> None:
        self.engine_reports(phase, name, distress=False)
        self.report(ChairMode.RAMPDOWN)

    @rule(service=st.sampled_from([*REQUIRED, Account.CAMERA]), healthy=st.booleans())
    def beat(self, service: Account, healthy: bool) -> None:
        self.harness.unhealthy = {} if healthy else {service: "something"}
        self.harness.beat(service)
        self.beats[service] = (self.now_s, healthy)
        self.after()

    @rule(
        phase=st.sampled_from(Phase),
        name=st.sampled_from(["s1", "s2"]),
        distress=st.sampled_from([False, False, True]),
    )
    def engine_reports(self, phase: Phase, name: str, distress: bool) -> None:
        self.harness.report_session(phase=phase, session_id=name, distress=distress)
        self.session = (phase, name)
        if self.mode is ChairMode.ACTIVE and phase not in ENDED_BY_PLAN:
            self.active_session = name
        self.after()

    @rule(mode=st.sampled_from(ChairMode), estop=st.sampled_from([False, False, False, True]))
    def chair_reports(self, mode: ChairMode, estop: bool) -> None:
        self.harness.inputs["estop"] = estop
        self.report(mode)

    def report(self, mode: ChairMode) -> None:
        was, self.mode = self.mode, mode
        phase, name = self.session
        if mode is ChairMode.ACTIVE and phase not in ENDED_BY_PLAN and name != UNHEARD:
            self.active_session = name
        lease = self.harness.report_chair(mode=mode)
        if lease:
            self.judge_lease()
        if was is ChairMode.ACTIVE and mode is not ChairMode.ACTIVE:
            if phase not in ENDED_BY_PLAN or name != self.active_session:
                assert self.harness.latched, "ACTIVE ended other than by plan"
            self.active_session = ""
        self.after()

    def judge_lease(self) -> None:
        assert not self.harness.latched
        for service in REQUIRED:
            heard_s, healthy = self.beats[service]
            assert healthy
            assert round(self.now_s - heard_s, 6) <= BEAT_FRESH_S
        assert all(
            round(self.now_s - since, 6) <= UNSEEN_MAX_S for since in self.critical_since.values()
        )

    @rule()
    def someone_stops(self) -> None:
        self.harness.watchdog.stop("stop")
        self.stopped_s = self.now_s
        for known in self.tokens.values():
            known.void = True
        assert self.harness.latched
        self.after()

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def someone_resets(self, data: st.DataObject) -> None:
        self.reset_with(data.draw(st.sampled_from([*self.tokens, "made up", ""]), "token"))

    def reset_with(self, token: str) -> None:
        known = self.tokens.get(token)
        was_latched = self.harness.latched
        refused = self.harness.watchdog.reset(token)
        if refused is None:
            assert was_latched
            assert known is not None
            assert not known.void
            assert round(self.now_s - known.at_s, 6) <= TOKEN_VALID_S
            assert round(self.now_s - self.stopped_s, 6) >= RESET_REFUSED_S
            assert not self.harness.inputs.get("estop")
            for each in self.tokens.values():
                each.void = True
            self.was_latched = False
        else:
            assert self.harness.latched or not was_latched
        self.after()

    @rule(kind=st.sampled_from(AlarmKind))
    def someone_acknowledges(self, kind: AlarmKind) -> None:
        self.harness.watchdog.alarms.acknowledge(kind)
        self.after()

    @rule()
    def the_process_was_stopped_for_a_while(self) -> None:
        self.harness.watchdog.discard()
        self.beats = {service: (-1e9, False) for service in self.beats}
        self.session = (Phase.RUNNING, UNHEARD)
        self.after()

    @invariant()
    def only_a_reset_unlatches(self) -> None:
        if hasattr(self, "harness"):
            assert self.harness.latched or not self.was_latched
            self.was_latched = self.harness.latched


QUIETLY = settings(stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow])
TestWatched = Watched.TestCase
TestWatched.settings = settings(QUIETLY, max_examples=20)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_whatever_comes_for_long() -> None:
    thorough = settings(QUIETLY, max_examples=1000, derandomize=False)
    run_state_machine_as_test(Watched, settings=thorough)
