"""The service that shows the house the chair, on a bus in memory, with a clock of its own."""

from typing import Any

import structlog

from calmloop.base.clock import ManualClock
from calmloop.bus.outgoing import Sent
from calmloop.contract import house_topics, topics
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.house import HouseDevice, HouseEvent, HouseState
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.contract.topics import Account, Topic
from calmloop.home_assistant.service import MIN_STATE_PERIOD_S, HomeAssistantService
from calmloop.home_assistant.settings import HomeAssistantSection, Settings
from calmloop.service.runtime import Context
from tests.doubles import memory_bus


class HouseRig:
    """What others send, and what the house is then told."""

    def __init__(self, **section: Any) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.HOME_ASSISTANT, self.clock)
        settings = Settings(home_assistant=HomeAssistantSection(**section))
        self.service = HomeAssistantService(
            Context(settings, self.bus, self.clock, structlog.get_logger())
        )

    def turn(self, seconds: float = 0.0) -> None:
        """Time passes, then the loop turns once."""
        self.clock.advance(seconds)
        self.bus.dispatch()
        self.service.turn()

    def send(self, topic: Topic[Sent], message: Sent, **fields: Any) -> None:
        """Delivers a message as another service would, and has it handled."""
        self.transport.send(topic, message, **fields)
        self.turn()

    def send_chair(self, session: SessionState | None = None, **stop: Any) -> None:
        """A chair that answers, with a session or none."""
        self.transport.send(topics.CHAIR_STATE, ChairState(mode=ChairMode.SAFE))
        self.transport.send(
            topics.SESSION_STATE, session or SessionState(phase=Phase.IDLE), data=b""
        )
        self.transport.send(topics.STOP_STATE, StopState(**{"latched": False} | stop))

    @property
    def states(self) -> list[HouseState]:
        """All that were told."""
        return self.transport.messages(house_topics.HOUSE_STATE)

    def state(self) -> HouseState:
        """The newest of them, told now if it has changed."""
        self.turn(MIN_STATE_PERIOD_S)
        return self.states[-1]

    @property
    def events(self) -> list[HouseEvent]:
        """The alarms that began."""
        return self.transport.messages(house_topics.HOUSE_EVENT)

    @property
    def device(self) -> HouseDevice:
        """What Home Assistant was told of the chair."""
        return self.transport.messages(house_topics.HOUSE_DEVICE)[-1]
