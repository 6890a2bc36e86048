"""The service hears the topics of the others: the newest of each; it says once what it refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from calmloop.base.clock import ManualClock
from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.chair import CalibrationOrigin, ChairMode, ChairState
from calmloop.contract.messages.session import SignalStatus
from calmloop.contract.topics import Account
from calmloop.scenario_selector.service import ScenarioSelectorService
from calmloop.scenario_selector.settings import Settings
from calmloop.service.runtime import Context
from tests.doubles import CHAIR, memory_bus
from tests.unit.scenario_selector.senses_harness import heart, movement, muscle, skin, voice

FLOOD = 2_000


class Selector:
    """The service on a bus in memory."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.SCENARIO_SELECTOR, self.clock)
        section = {"data_dir": str(folder / "profiles")}
        settings = Settings(scenario_selector=section)
        context = Context(settings, self.bus, self.clock, structlog.get_logger())
        self.service = ScenarioSelectorService(context)

    def turn(self) -> int:
        """Lets 0.1 s pass beside a chair that is measured; returns how much was handled."""
        self.clock.advance(0.1)
        chair = ChairState(mode=ChairMode.SAFE, calibration=CalibrationOrigin.MEASURED)
        self.transport.send(topics.CHAIR_STATE, chair)
        handled = self.bus.dispatch()
        self.service.turn()
        return handled

    def statuses(self) -> dict[str, SignalStatus]:
        """Of the signals that it last published."""
        state = self.transport.messages(topics.SESSION_STATE)[-1]
        return {heard.name: heard.status for heard in state.signals}


@pytest.fixture
def selector(tmp_path: Path) -> Iterator[Selector]:
    selector = Selector(tmp_path)
    selector.turn()
    yield selector
    selector.service.close()


def test_it_subscribes_to_the_kinds_of_body_signal_that_it_knows(selector: Selector) -> None:
    filters = {subscription.filter for subscription in selector.transport.subscriptions}
    for path in ("movement/state", "heart/state", "voice/state"):
        assert f"calmloop/{CHAIR}/{path}" in filters
    body = {name for name in filters if "/biosignal/" in name}
    assert body == {
        f"calmloop/{CHAIR}/biosignal/{kind}/state" for kind in ("skin-conductance", "corrugator")
    }


def test_a_simulated_signal_in_a_real_chair_is_shown_and_logged_once(selector: Selector) -> None:
    simulated = {"source_kind": SignalKind.SIMULATED}
    with capture_logs() as logs:
        for _ in range(200):
            selector.transport.send(topics.HEART_STATE, heart(**simulated))
            selector.transport.send(
                topics.BIOSIGNAL_STATE, skin(**simulated), kind="skin-conductance"
            )
            selector.turn()
    assert selector.statuses() == {"heart": SignalStatus.REFUSED, "skin": SignalStatus.REFUSED}
    told = [line for line in logs if line["event"] == "a signal is not used"]
    assert sorted(line["signal"] for line in told) == ["heart", "skin"]
    assert all("not a simulated one" in line["reason"] for line in told)


def test_of_a_flood_the_newest_is_heard_and_no_more_is_handled(selector: Selector) -> None:
    for _ in range(FLOOD):
        selector.transport.send(topics.MOVEMENT_STATE, movement())
        selector.transport.send(topics.HEART_STATE, heart())
        selector.transport.send(topics.VOICE_STATE, voice())
        selector.transport.send(topics.BIOSIGNAL_STATE, skin(), kind="skin-conductance")
        selector.transport.send(topics.BIOSIGNAL_STATE, muscle(), kind="corrugator")
    assert selector.turn() == 6
    assert selector.bus.counters["dropped_superseded"] == 5 * (FLOOD - 1)
