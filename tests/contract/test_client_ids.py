"""Client ids on a broker that several chairs, or several clients by mistake, share."""

import itertools
import re
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from calmloop.bus.connection import client_id
from calmloop.contract.topics import EVERYONE
from tests.broker import Broker
from tests.processes import Client, ServiceProcess, start_service

CHAIRS = ("chair", "chair-1", "chair-1-camera", "camera")
INSTANCES = ("a", "camera.a", "a-images", "a.images", "1-camera.a", "A_b")


def test_no_two_participants_have_one_client_id() -> None:
    every = list(itertools.product(CHAIRS, EVERYONE, INSTANCES))
    ids = {client_id(*one) + images for one in every for images in ("", ":images")}
    assert len(ids) == 2 * len(every)


def test_two_chairs_with_one_host_name_share_a_broker(broker: Broker, tmp_path: Path) -> None:
    with (
        Client(broker) as client,
        watchdog(broker, tmp_path, "chair-1") as first,
        watchdog(broker, tmp_path, "chair-2") as second,
    ):
        beats = [f"calmloop/chair-{n}/service/safety-watchdog/raspberrypi/heartbeat" for n in "12"]
        for name in beats:
            client.subscribe(name)
        for name in beats * 5:
            client.wait_for(name, since=len(client.received), timeout_s=20.0)
        assert "was lost" not in first.log.read_text() + second.log.read_text()


def test_who_may_only_read_cannot_throw_a_service_off_by_taking_its_id(
    broker: Broker, tmp_path: Path
) -> None:
    """Nothing on the bus holds the id; the broker alone knows it, and takes it from anyone."""
    with Client(broker) as client, watchdog(broker, tmp_path, "chair-1") as attacked:
        client.subscribe("#")
        path = "calmloop/chair-1/service/safety-watchdog/raspberrypi"
        client.wait_for(f"{path}/status", timeout_s=20.0)
        for guess in ("safety-watchdog-raspberrypi", "chair-1.safety-watchdog.raspberrypi"):
            thief = paho.Client(CallbackAPIVersion.VERSION2, guess)
            thief.connect("127.0.0.1", broker.port)
            thief.loop_start()
            client.wait_for(f"{path}/heartbeat", since=len(client.received), timeout_s=20.0)
            thief.disconnect()
            thief.loop_stop()
        assert "was lost" not in attacked.log.read_text()
        log = (tmp_path / "broker/mosquitto.log").read_text()
        (secret,) = set(re.findall(r" as chair-1\.safety-watchdog\.(\w{16})\.", log))
        assert not [m for m in client.received if secret in f"{m.name}{m.payload!r}"]


def watchdog(broker: Broker, folder: Path, chair: str) -> ServiceProcess:
    return start_service(
        "safety_watchdog",
        broker,
        folder / chair,
        instance="raspberrypi",
        ready=False,
        CHAIR_ID=chair,
    )
