"""A running loop, Home Assistant, and between them a broker that knows the house's account."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calmloop.compose_init import broker_files
from calmloop.compose_init.acl import access_list
from calmloop.compose_init.vault import Vault
from calmloop.contract.accounts import Account
from calmloop.contract.messages.chair import ChairMode
from calmloop.demo.broker import Broker
from calmloop.demo.children import start_child, stop_child
from calmloop.demo.report import DemoReport
from calmloop.demo.run import Demo
from calmloop.demo.stack import CHAIR_ID, Stack, StackOptions
from tests.broker import free_port
from tests.home_assistant.hass import UNTOLD, HomeAssistant
from tests.processes import clean_environment
from tests.services import REPOSITORY

SHIPPED = REPOSITORY / "compose" / "home-assistant"
PATIENCE_S = 40.0
PREFIX = f"calmloop_{CHAIR_ID}"
CALM_CHILD = {
    "CAMERA__SIM_MOOD": "neutral",
    "CAMERA__FPS": "8",
    "CAMERA__WIDTH_PX": "480",
    "CAMERA__HEIGHT_PX": "360",
}
LISTENER = """
listener {port} 127.0.0.1
allow_anonymous false
password_file {passwords}
acl_file {acl}
"""


def shipped(name: str) -> str:
    """A file that ships for Home Assistant, for this chair; there is no phone here."""
    text = (SHIPPED / name).read_text().replace("calmloop_chair_1", PREFIX)
    return text.replace("notify.notify", "persistent_notification.create")


class HouseBroker(Broker):
    """The demo's, with a second listener of passwords and the access list that Compose makes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.house_port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.credentials = dict(Vault(folder).credentials())
        self._files = {"passwords": folder / "passwords", "acl": folder / "acl"}
        self._files["passwords"].write_text(broker_files.password_file(self.credentials))
        self._files["acl"].write_text(access_list(CHAIR_ID))

    def configuration(self) -> str:
        """Both listeners."""
        listener = LISTENER.format(port=self.house_port, **self._files)
        return f"per_listener_settings true\n{super().configuration()}{listener}"


class House:
    """All of it.

    Attributes:
        demo: The loop, with a caregiver.
        hass: Home Assistant.
        broker: Between them.
    """

    def __init__(self, demo: Demo, hass: HomeAssistant, broker: HouseBroker, folder: Path) -> None:
        self.demo, self.hass, self.broker, self._folder = demo, hass, broker, folder

    def start_service(self, **settings: str) -> None:
        """The service that tells Home Assistant of the chair, under its own account."""
        password = self._folder / "password"
        password.write_text(self.broker.credentials[Account.HOME_ASSISTANT].password)
        password.chmod(0o600)
        told = {
            "CHAIR_ID": CHAIR_ID,
            "INSTANCE": "house",
            "MQTT__PORT": str(self.broker.house_port),
            "MQTT__USERNAME": Account.HOME_ASSISTANT.value,
            "MQTT__PASSWORD_FILE": str(password),
            **settings,
        }
        env = clean_environment(**{f"CALMLOOP_{key}": value for key, value in told.items()})
        command = [sys.executable, "-m", "calmloop.home_assistant"]
        self._service = start_child(command, log=self._folder / "service.log", env=env)

    def stop_service(self) -> None:
        """It says goodbye."""
        stop_child(self._service)

    def kill_service(self) -> None:
        """kill -9: it says nothing."""
        self._service.kill()
        self._service.wait()

    def wait_until(self, condition: Callable[[], Any], what: str) -> None:
        """Watches the loop meanwhile, and starts again what has ended."""

        def holds() -> bool:
            self.demo.stack.supervise()
            return bool(condition())

        held = self.demo.observer.wait_until(holds, PATIENCE_S)
        assert held, f"{what}: {self.told()}; {self.hass.log.read_text()[-1500:]}"

    def told(self) -> dict[str, str]:
        """The state of each of the chair's entities."""
        states = self.hass.states()
        return {name: state["state"] for name, state in states.items() if PREFIX in name}

    def is_told(self) -> bool:
        """Whether the chair's state is known in the house."""
        return self.condition() not in ("", *UNTOLD)

    def condition(self) -> str:
        """The chair in one word, as the house sees it."""
        return self.hass.state(f"sensor.{PREFIX}_state")

    def press(self, button: str) -> None:
        """Presses one of the chair's buttons in Home Assistant."""
        self.hass.press(f"button.{PREFIX}_{button}")

    def at_rest(self) -> bool:
        """Whether nothing drives the chair."""
        chair = self.demo.tally.chair
        return chair is not None and chair.mode is ChairMode.SAFE

    def session(self) -> None:
        """A session begins at a chair at rest, and the house knows."""
        self.wait_until(self.at_rest, "the chair is at rest")
        self.demo.start_session(10.0)
        self.wait_until(lambda: self.condition() == "session", "a session is told")


@contextmanager
def running_house(folder: Path) -> Iterator[House]:
    """The loop before a calm child, and Home Assistant that has found the chair by itself."""
    options = StackOptions(source="sim", baseline_s=2.0, warm_up_s=0.0, settings=CALM_CHILD)
    stack = Stack(folder, options)
    broker = HouseBroker(folder / "broker")
    stack.broker = broker
    report = DemoReport(source="sim", chair=options.chair, seconds=0.0)
    with (
        stack,
        HomeAssistant(
            folder / "hass.log", shipped("automations.yaml"), shipped("dashboard.yaml")
        ) as hass,
    ):
        demo = Demo(stack, report)
        house = House(demo, hass, broker, folder)
        house.start_service()
        try:
            demo.wait_until_ready()
            demo.begin()
            house.wait_until(hass.running, "Home Assistant starts")
            account = Account.HOUSE
            hass.add_broker(broker.house_port, account, broker.credentials[account].password)
            house.wait_until(house.is_told, "the chair is found")
            yield house
        finally:
            house.stop_service()
            demo.observer.bus.close()
