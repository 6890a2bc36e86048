"""The service on a bus: what it hears of the sound, and the sidecars it has, move a setpoint."""

from pathlib import Path

import pytest
import structlog

from calmloop.base.clock import ManualClock, monotonic_s
from calmloop.contract import topics
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import Mode, SessionAction, SessionCommand
from calmloop.contract.topics import Account
from calmloop.scenario_selector.service import ScenarioSelectorService
from calmloop.scenario_selector.settings import Settings
from calmloop.service.runtime import Context
from tests.doubles import memory_bus
from tests.unit.scenario_selector.fake_chair import FakeChair
from tests.unit.scenario_selector.moving import library, state
from tests.unit.scenario_selector.test_selector_moving_session import SURF

TURN_S = 0.1


class Conducted:
    """The service beside a chair that arms, in a manual session on ocean waves."""

    def __init__(self, folder: Path, *, plays: bool) -> None:
        self.clock, self.chair, self._plays = ManualClock(), FakeChair(), plays
        self.bus, self.transport = memory_bus(Account.SCENARIO_SELECTOR, self.clock)
        settings = Settings(
            tracks_dir=library(folder / "tracks", SURF).folder,
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
            scenario="ocean-waves",
        )
        self.transport.send(topics.SESSION_SET, start)

    def turn_for(self, seconds: float) -> None:
        """Lets time pass beside the others."""
        for _ in range(round(seconds / TURN_S)):
            self.clock.advance(TURN_S)
            now_s = monotonic_s(self.clock)
            self.transport.send(topics.STOP_STATE, StopState(latched=False))
            self.transport.send(topics.CHAIR_STATE, self.chair.state(now_s))
            if self._plays:
                told = state("surf", now_s % 60.0, now_s + 0.1, host=self.bus.ages.boot_id)
                self.transport.send(topics.SOUND_STATE, told)
            self.bus.dispatch()
            self.service.turn()
            for request in self.transport.messages(topics.CHAIR_ARM)[-1:]:
                if self.chair.arm is None:
                    self.chair.ask_to_arm(request.start_id)
            for setpoint in self.transport.messages(topics.STIMULUS_SETPOINT)[-1:]:
                self.chair.take(setpoint, now_s)

    def vibration_pct(self, seconds: float) -> list[float]:
        """What was asked for in so many seconds."""
        before = len(self.transport.messages(topics.STIMULUS_SETPOINT))
        self.turn_for(seconds)
        sent = self.transport.messages(topics.STIMULUS_SETPOINT)[before:]
        return [setpoint.vibration.level_pct for setpoint in sent]


@pytest.mark.parametrize("plays", [True, False])
def test_a_setpoint_swells_with_what_plays(tmp_path: Path, plays: bool) -> None:
    conducted = Conducted(tmp_path, plays=plays)
    conducted.turn_for(14.0)
    asked = conducted.vibration_pct(7.0)
    assert len(asked) >= 60
    swing = max(asked) / min(asked)
    assert 1.6 < swing <= 2.0 if plays else swing == pytest.approx(1.0)
    conducted.service.close()
