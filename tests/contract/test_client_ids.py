"""Client ids on a broker that several chairs, or several clients by mistake, share."""

import itertools
from pathlib import Path

from calmloop.connection import client_id
from calmloop.topics import EVERYONE
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


def watchdog(broker: Broker, folder: Path, chair: str) -> ServiceProcess:
    return start_service(
        "safety_watchdog",
        broker,
        folder / chair,
        instance="raspberrypi",
        ready=False,
        CHAIR_ID=chair,
    )
