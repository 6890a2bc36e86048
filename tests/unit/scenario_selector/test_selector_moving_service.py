"""The service on a bus: what it hears of the sound, and the sidecars it has, move a setpoint."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import structlog

from calmloop.base.clock import ManualClock, monotonic_s
from calmloop.base.tracks import TrackSidecar
from calmloop.contract import topics
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import Mode, Phase, SessionAction, SessionCommand
from calmloop.contract.messages.stimulus import Vibration
from calmloop.contract.topics import Account
from calmloop.scenario_selector.limits import GATE_GLIDE_HZ_PER_S
from calmloop.scenario_selector.service import ScenarioSelectorService
from calmloop.scenario_selector.settings import Settings
from calmloop.service.runtime import Context
from tests.doubles import memory_bus
from tests.unit.scenario_selector.fake_chair import FakeChair
from tests.unit.scenario_selector.moving import Series, library, sidecar, state
from tests.unit.scenario_selector.test_selector_moving_session import SURF

TURN_S = 0.1


def in_turn(times_s: Series) -> Series:
    """Two tones, 10 s each."""
    return np.where(times_s % 20.0 < 10.0, 43.5, 58.0)


BOWLS = sidecar("singing-bowl", np.ones_like, tone_hz=in_turn)


class Conducted:
    """The service beside a chair that arms, in a manual session."""

    def __init__(
        self, folder: Path, scenario: str, sound: TrackSidecar, *, plays: bool = True
    ) -> None:
        """Begins a session on a scenario; `plays` whether a player plays its sound."""
        self._track = sound.name
        self.clock, self.chair, self.plays = ManualClock(), FakeChair(), plays
        self.bus, self.transport = memory_bus(Account.SCENARIO_SELECTOR, self.clock)
        settings = Settings(
            tracks_dir=library(folder / "tracks", sound).folder,
            scenario_selector={"data_dir": str(folder / "profiles"), "warm_up_s": 0.0},
        )
        context = Context(settings, self.bus, self.clock, structlog.get_logger())
        self.service = ScenarioSelectorService(context)
        self.turn_for(1.0)
        start = SessionCommand(
            action=SessionAction.START,
            token=self.transport.messages(topics.SESSION_STATE)[-1].start_token,
            mode=Mode.MANUAL,
            minutes=10,
            scenario=scenario,
        )
        self.transport.send(topics.SESSION_SET, start)

    def turn_for(self, seconds: float) -> None:
        """Lets time pass beside the others."""
        for _ in range(round(seconds / TURN_S)):
            self.clock.advance(TURN_S)
            now_s = monotonic_s(self.clock)
            self.transport.send(topics.STOP_STATE, StopState(latched=False))
            self.transport.send(topics.CHAIR_STATE, self.chair.state(now_s))
            if self.plays:
                told = state(self._track, now_s % 60.0, now_s + 0.1, host=self.bus.ages.boot_id)
                self.transport.send(topics.SOUND_STATE, told)
            self.bus.dispatch()
            self.service.turn()
            for request in self.transport.messages(topics.CHAIR_ARM)[-1:]:
                if self.chair.arm is None:
                    self.chair.ask_to_arm(request.start_id)
            for setpoint in self.transport.messages(topics.STIMULUS_SETPOINT)[-1:]:
                self.chair.take(setpoint, now_s)

    def vibration(self, seconds: float) -> list[Vibration]:
        """What was asked for in so many seconds."""
        before = len(self.transport.messages(topics.STIMULUS_SETPOINT))
        self.turn_for(seconds)
        sent = self.transport.messages(topics.STIMULUS_SETPOINT)[before:]
        return [setpoint.vibration for setpoint in sent]


def test_at_rest_it_says_of_each_mode_why_a_start_would_be_refused(tmp_path: Path) -> None:
    conducted = Conducted(tmp_path, "ocean-waves", SURF)
    sent = conducted.transport.messages(topics.SESSION_STATE)
    assert set(sent[-1].blocked) == {Mode.ADAPTIVE}
    assert "no usable face" in sent[-1].blocked[Mode.ADAPTIVE]
    conducted.turn_for(3.0)
    running = conducted.transport.messages(topics.SESSION_STATE)[-1]
    assert (running.phase, running.blocked) == (Phase.MANUAL, {})


@pytest.mark.parametrize("plays", [True, False])
def test_a_setpoint_swells_with_what_plays(tmp_path: Path, plays: bool) -> None:
    conducted = Conducted(tmp_path, "ocean-waves", SURF, plays=plays)
    conducted.turn_for(14.0)
    asked = [one.level_pct for one in conducted.vibration(7.0)]
    assert len(asked) >= 60
    swing = max(asked) / min(asked)
    assert 1.6 < swing <= 2.0 if plays else swing == pytest.approx(1.0)
    conducted.service.close()


def test_a_setpoint_has_the_tone_that_plays_and_without_one_its_own(tmp_path: Path) -> None:
    conducted = Conducted(tmp_path, "singing-bowls", BOWLS)
    conducted.turn_for(10.0)
    asked = conducted.vibration(20.0)
    hz = [one.frequency_hz for one in asked]
    assert (min(hz), max(hz)) == (43.5, 58.0)
    assert max(abs(a - b) for a, b in pairwise(hz)) <= GATE_GLIDE_HZ_PER_S * TURN_S + 1e-6
    assert min(one.level_pct for one in asked) == max(one.level_pct for one in asked) > 0.0
    conducted.plays = False
    conducted.turn_for(3.0)
    assert {one.frequency_hz for one in conducted.vibration(2.0)} == {44.0}
    conducted.service.close()
