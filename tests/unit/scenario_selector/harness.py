"""The scenario engine between a clock, a chair, a watchdog and a child that a test plays."""

import random
import shutil
from copy import deepcopy
from datetime import tzinfo
from pathlib import Path
from typing import Any

from calmloop.base.clock import ManualClock, monotonic_s
from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.child import ChildAction, ChildCommand
from calmloop.contract.messages.emotion import DoubtReason, EmotionState, Label
from calmloop.contract.messages.learning import LearningAction, LearningCommand
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import (
    OverrideAction,
    OverrideCommand,
    OverrideState,
    Phase,
    SessionAction,
    SessionCommand,
    SessionState,
)
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.contraindications import CONTRAINDICATIONS
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.engine import Engine
from calmloop.scenario_selector.plan import Tuning
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.fake_chair import FakeChair

SHIPPED = scenario.load()
"""Read once; nothing changes it."""

STEP_S = 0.1
START_PCT = 20.0
"""The level at which every session starts."""
NEUTRAL: tuple[Label, float, float] = (Label.NEUTRAL, 0.0, 0.9)
HAPPY: tuple[Label, float, float] = (Label.POSITIVE, 0.9, 0.95)
FAINTLY_HAPPY: tuple[Label, float, float] = (Label.POSITIVE, 0.5, 0.6)
SAD: tuple[Label, float, float] = (Label.NEGATIVE, -0.5, 0.8)
CRYING: tuple[Label, float, float] = (Label.NEGATIVE, -0.95, 0.95)
UNKNOWN: tuple[Label, float, float] = (Label.UNKNOWN, 0.0, 0.0)

Face = tuple[Label, float, float]


class Harness:
    """Everything around one engine. Time passes only in `wait` and `show`."""

    def __init__(
        self,
        folder: Path,
        *,
        tuning: Tuning | None = None,
        clock: ManualClock | None = None,
        boot_id: str = "here",
        zone: tzinfo | None = None,
        less_pressed: bool = False,
        **overrides: Any,
    ) -> None:
        self.clock = clock or ManualClock()
        self.ages = Ages(self.clock, boot_id=boot_id)
        self.folder = folder
        self.library = dict(SHIPPED)
        self.records = Folder(folder)
        self.chair = FakeChair()
        self.chair.less_pressed = less_pressed
        self.latched = False
        self.withheld: tuple[str, ...] = ()
        self.watchdog_silent = False
        self.is_still = False
        """Whether it is known of the child that it moves no more than in calm."""
        self.setpoints: list[Setpoint] = []
        self.states: list[SessionState] = []
        self.times_s: list[float] = []
        self.arm_requests: list[str] = []
        self._frame = 0
        self._steps = 0
        self.engine = Engine(
            clock=self.clock,
            ages=self.ages,
            library=self.library,
            records=self.records,
            tuning=tuning or Tuning(warm_up_s=0.0),
            rng=random.Random(7),
            overrides=OverrideState(**overrides),
            zone=zone,
        )
        self.wait(0.5)

    def copied(self, folder: Path) -> "Harness":
        """Another one as this one is now, with what is in its folder; neither feels the other."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        unchanging = [*self.states, *self.setpoints, *self.library.values()]
        memo: dict[int, Any] = {id(one): one for one in unchanging}
        copy = deepcopy(self, memo | {id(self.records): Folder(folder)})
        copy.folder = folder
        return copy

    def expect(self, phase: Phase) -> None:
        """Asserts the phase."""
        state = self.state
        assert state.phase is phase, f"{state.phase}, not {phase}: {state.reason}"

    # --- time -------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        return monotonic_s(self.clock)

    @property
    def state(self) -> SessionState:
        return self.engine.state

    @property
    def intensity_pct(self) -> float:
        return self.state.intensity_pct

    @property
    def phase(self) -> Phase:
        return self.state.phase

    def wait(self, seconds: float) -> None:
        """Time without any reading of a face."""
        self._pass(seconds, None)

    def show(self, face: Face, seconds: float) -> None:
        """Time with ten readings a second of `face`."""
        self._pass(seconds, face)

    def show_until(self, face: Face, change: str, limit_s: float = 120.0) -> float:
        """Shows `face` until the intensity changes for the reason `change`; the time it took."""
        began_s, before = self.now_s, self.state
        while self.state.change == before.change and self.state.intensity_pct == (
            before.intensity_pct
        ):
            assert self.now_s - began_s < limit_s, f"no change in {limit_s} s: {self.state}"
            self.show(face, STEP_S)
        assert self.state.change == change, self.state.reason
        return self.now_s - began_s

    def _pass(self, seconds: float, face: Face | None) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            self._steps += 1
            self.hear_all()
            if face is not None:
                self.read(face)
            self.turn()

    def hear_all(self) -> None:
        """The news of this moment from watchdog and chair."""
        if self._steps % 5 == 0 and not self.watchdog_silent:
            self.receive_stop_state()
        if self.is_still:
            still = MODELS[Cue.MOVEMENT].prior.mean
            self.engine.receive_signal(Cue.MOVEMENT, still, self.now_s)
        if not self.chair.silent:
            self.engine.surroundings.receive_chair(self.received(self.chair.state(self.now_s)))

    def receive_stop_state(self) -> None:
        cause = "the caregiver" if self.latched else ""
        state = StopState(latched=self.latched, cause=cause, withheld=self.withheld)
        self.engine.surroundings.receive_stop_state(self.received(state))

    def turn(self) -> None:
        """One turn of the loop, with what comes out of it."""
        self.engine.turn()
        if start_id := self.engine.pop_arm_request():
            self.arm_requests.append(start_id)
            self.chair.ask_to_arm(start_id)
        if setpoint := self.engine.pop_setpoint():
            self.setpoints.append(setpoint)
            self.chair.take(setpoint, self.now_s)
        self.records.write_queued()
        self.states.append(self.engine.state)
        self.times_s.append(self.now_s)

    def received(self, message: Any) -> Received[Any]:
        return Received(message, self.clock.monotonic_ns())

    # --- what people and faces do -----------------------------------------------------------

    def read(
        self, face: Face, *, frame: int | None = None, reason: DoubtReason | None = None
    ) -> bool:
        """One reading now; of the next frame unless it is named."""
        self._frame += 1
        label, valence, confidence = face
        seq = self._frame if frame is None else frame
        state = EmotionState(
            frame_seq=seq,
            captured_ns=1_000_000 * seq,
            label=label,
            valence=valence,
            confidence=confidence,
            reason=reason,
        )
        self.engine.surroundings.perception.receive_emotion(self.received(state))
        return self.engine.receive_emotion(state)

    def command(self, action: SessionAction, **fields: Any) -> str | None:
        return self.engine.handle_command(SessionCommand(action=action, **fields))

    def override(self, action: OverrideAction, **fields: Any) -> str | None:
        return self.engine.handle_override(OverrideCommand(action=action, **fields))

    def child(self, action: ChildAction, **fields: Any) -> str | None:
        return self.engine.handle_child(ChildCommand(action=action, **fields))

    def allow_child(self) -> str:
        """A caregiver allows the child's page; the token that the page is given."""
        refusal = self.command(SessionAction.ALLOW_CHILD, token=self.token)
        assert refusal is None, refusal
        return self.state.child_token

    def teach(self, action: LearningAction, **fields: Any) -> str | None:
        return self.engine.handle_learning(LearningCommand(action=action, **fields))

    @property
    def token(self) -> str:
        return self.engine.state.start_token

    def start(self, **fields: Any) -> str | None:
        """A start by someone present, with a calm face in view."""
        self.read(NEUTRAL)
        return self.command(SessionAction.START, **{"token": self.token, **fields})

    def resume(self, **fields: Any) -> str | None:
        """A resume by someone present, with a calm face in view."""
        self.read(NEUTRAL)
        return self.command(SessionAction.RESUME, **{"token": self.token, **fields})

    def must_start(self, **fields: Any) -> None:
        refusal = self.start(**fields)
        assert refusal is None, refusal
        self.wait(0.3)

    def start_running(self, **fields: Any) -> None:
        """A session whose baseline was measured on a calm face, one cycle ago."""
        self.must_start(**{"minutes": 20, **fields})
        self.show(NEUTRAL, 36.0)
        assert self.phase is Phase.RUNNING, self.state


ALL_TICKED = f"cleared_contraindications: {sorted(CONTRAINDICATIONS)}\n"
"""A line of a profile: nothing that ships stands against this child."""


def write_profile(folder: Path, code: str, text: str) -> None:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / f"{code}.yaml").write_text(text)
