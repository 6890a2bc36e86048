"""Nothing is stopped under a child: the chair itself is asked, and silence is no leave."""

import threading
from collections.abc import Iterator

import pytest

from calmloop.base.settings import MqttSettings, ServiceSettings
from calmloop.caregiver import connection
from calmloop.contract.messages.base import ServiceMessage
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.device import containers
from calmloop.device.containers import DeviceBusyError, standing_still, start, why_busy_on
from tests.broker import Broker
from tests.processes import CHAIR, Client
from tests.unit.device.rig import DeviceRig

UP = {"ID": "a1", "Names": "calmloop-log", "State": "running", "Status": "Up"}
DOWN = {"ID": "b2", "Names": "calmloop-init", "State": "exited", "Status": "Exited (0)"}


@pytest.fixture
def client(broker: Broker) -> Iterator[Client]:
    with Client(broker) as client:
        yield client


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is given time."""
    monkeypatch.setattr(containers, "GIVEN_UP_S", 30.0)
    monkeypatch.setattr(connection, "CONNECT_S", 30.0)


class Saying:
    """Says how chair and session are, again and again as they do, until the test is over."""

    def __init__(self, client: Client, *messages: ServiceMessage) -> None:
        self._client, self._messages = client, messages
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._say)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _say(self) -> None:
        while not self._over.is_set():
            for message in self._messages:
                name = "chair" if isinstance(message, ChairState) else "session"
                body = message.model_dump_json()
                self._client.publish(f"calmloop/{CHAIR}/{name}/state", body)
            self._over.wait(0.1)


@pytest.mark.parametrize(
    ("mode", "phase", "word"),
    [
        (ChairMode.SAFE, Phase.IDLE, ""),
        (ChairMode.FAULT, Phase.IDLE, ""),
        (ChairMode.ARMED, Phase.IDLE, "the chair is armed"),
        (ChairMode.ACTIVE, Phase.RUNNING, "the chair is active"),
        (ChairMode.RAMPDOWN, Phase.IDLE, "the chair is rampdown"),
        (ChairMode.SAFE, Phase.STARTING, "a session is under way (starting)"),
        (ChairMode.DISCONNECTED, Phase.PAUSED, "a session is under way (paused)"),
    ],
)
def test_the_chair_is_left_alone_while_anybody_may_sit_in_it(
    broker: Broker, client: Client, mode: ChairMode, phase: Phase, word: str, patient: None
) -> None:
    settings = ServiceSettings(chair_id=CHAIR, mqtt=MqttSettings(port=broker.port))
    with Saying(client, ChairState(mode=mode), SessionState(phase=phase)):
        why = why_busy_on(settings)
    assert why.startswith(word) and bool(why) is bool(word)


@pytest.mark.parametrize("heard", [(), (ChairState(mode=ChairMode.SAFE),)])
def test_silence_is_no_leave(
    broker: Broker,
    client: Client,
    heard: tuple[ServiceMessage, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(containers, "GIVEN_UP_S", 0.3)
    settings = ServiceSettings(chair_id=CHAIR, mqtt=MqttSettings(port=broker.port))
    with Saying(client, *heard):
        assert "nobody says how the chair is" in why_busy_on(settings)


def called(rig: DeviceRig) -> list[str]:
    """What was asked of `docker` that changes something."""
    told = rig.programs / "docker.called"
    return told.read_text().splitlines() if told.exists() else []


def test_what_ran_is_stopped_and_started_again_the_oldest_first(rig: DeviceRig) -> None:
    rig.docker(UP, DOWN, UP | {"ID": "c3", "Names": "calmloop-broker"})
    machine, deployment = rig.machine(), rig.deployment()
    with standing_still(machine, deployment, lambda _: "") as stopped:
        assert called(rig) == ["stop c3 a1"]
        start(machine, stopped)
    assert called(rig) == ["stop c3 a1", "start c3 a1"]


def test_a_busy_chair_is_not_stopped(rig: DeviceRig) -> None:
    rig.docker(UP)
    with (
        pytest.raises(DeviceBusyError, match="armed: nothing was done"),
        standing_still(rig.machine(), rig.deployment(), lambda _: "armed"),
    ):
        pytest.fail("it was stopped")
    assert called(rig) == []


def test_services_that_do_not_run_are_not_asked(rig: DeviceRig) -> None:
    rig.docker(DOWN)
    with standing_still(rig.machine(), rig.deployment(), lambda _: "asked") as stopped:
        assert stopped == []


def test_without_the_caregivers_password_nothing_is_stopped(rig: DeviceRig) -> None:
    rig.docker(UP)
    with (
        pytest.raises(DeviceBusyError, match="password is not to be had"),
        standing_still(rig.machine(), rig.deployment()),
    ):
        pytest.fail("it was stopped")


def test_the_password_is_asked_for_where_the_deployment_is(
    rig: DeviceRig,
    broker: Broker,
    client: Client,
    patient: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the environment says of another chair."""
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", "1")
    monkeypatch.setenv("CALMLOOP_MQTT__PASSWORD_FILE", "/nowhere")
    monkeypatch.setenv("CALMLOOP_CHAIR_ID", "another")
    rig.docker(UP, password="secret")
    deployment = rig.deployment(BROKER_PORT=str(broker.port), CALMLOOP_CHAIR_ID=CHAIR)
    states = (ChairState(mode=ChairMode.ACTIVE), SessionState(phase=Phase.RUNNING))
    with (
        Saying(client, *states),
        pytest.raises(DeviceBusyError, match="the chair is active"),
        standing_still(rig.machine(), deployment),
    ):
        pytest.fail("it was stopped")
    assert (rig.programs / "docker.where").read_text().strip() == str(rig.compose)
