"""The chair in the house, on the bus: it tells, and commands nothing."""

from importlib.metadata import version

from calmloop.base.clock import monotonic_s
from calmloop.contract import house_topics, topics
from calmloop.contract.messages.house import HouseDevice, HouseState
from calmloop.home_assistant.device import HouseCatalogue
from calmloop.home_assistant.hearing import HouseHearing
from calmloop.home_assistant.settings import Settings
from calmloop.service.runtime import Context, Health

STATE_PERIOD_S = 10.0
"""How often an unchanged state is told again: what is silent for 30 s is unknown in the house."""
MIN_STATE_PERIOD_S = 0.5


class HomeAssistantService:
    """Nothing waits for it: a chair is as safe without it."""

    period_s = 0.25

    def __init__(self, context: Context[Settings]) -> None:
        section = context.settings.home_assistant
        self._bus, self._clock = context.bus, context.clock
        self._hearing = HouseHearing(context.bus.ages, context.clock)
        self._shown = section.shown
        names = (context.bus.chair_id, context.bus.instance, version("calmloop-home-assistant"))
        self._device = HouseCatalogue(*names, section).device() if section.shown else HouseDevice()
        self._told_device = False
        self._told: HouseState | None = None
        self._told_s = float("-inf")
        if section.shown:
            self._subscribe()

    def turn(self) -> Health:
        """Lays down the device once, and tells what has changed."""
        if not self._told_device and self._bus.connected:
            self._told_device = (
                self._bus.publish(house_topics.HOUSE_DEVICE, self._device) is not None
            )
        if self._shown:
            for event in self._hearing.pop_events():
                self._bus.publish(house_topics.HOUSE_EVENT, event)
            self._tell(self._hearing.state())
        return Health()

    def discard(self) -> None:
        """Forgets what may be old."""
        self._hearing.forget()

    def close(self) -> None:
        """The device stays: its entities are unavailable until it is back."""

    def _tell(self, state: HouseState) -> None:
        since_s = monotonic_s(self._clock) - self._told_s
        changed = state != self._told
        if since_s >= STATE_PERIOD_S or (changed and since_s >= MIN_STATE_PERIOD_S):
            self._told, self._told_s = state, monotonic_s(self._clock)
            self._bus.publish(house_topics.HOUSE_STATE, state)

    def _subscribe(self) -> None:
        bus, hearing = self._bus, self._hearing
        bus.subscribe(topics.SESSION_STATE, hearing.receive_session)
        bus.subscribe(topics.STOP_STATE, hearing.receive_stop)
        bus.subscribe(topics.CHAIR_STATE, hearing.receive_chair, latest_only=True)
        bus.subscribe(topics.CAMERA_STATE, hearing.receive_camera)
        bus.subscribe(topics.ALARM, hearing.receive_alarm)
        bus.subscribe(topics.HEARTBEAT, hearing.receive_heartbeat)
        bus.subscribe(topics.SERVICE_STATUS, hearing.receive_status)
