"""What a person can do wrong with the running deployment, and what then happens."""

import threading

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.system.caregiver import Caregiver
from tests.system.deployment import CHAIR, Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PAYLOADS = 60
PAYLOAD = b"x" * 3_900_000
LOST_S = 20.0


def test_the_device_s_profile_is_refused_while_the_simulated_one_runs(
    deployment: Deployment,
) -> None:
    """Else a simulated child would be seen beside a real one, or steer a real chair."""
    said = deployment.refused("up", "--detach", COMPOSE_PROFILES="device")
    assert "is already in use" in said
    for service in ("camera", "actuator-bridge"):
        assert not [c for c in deployment.containers(service) if c.status == "running"]
        assert deployment.is_healthy(f"{service}-sim")


@pytest.mark.parametrize("stage", ["camera-sim", "face-detector", "scenario-selector"])
def test_a_stage_that_must_be_alone_is_not_doubled(deployment: Deployment, stage: str) -> None:
    said = deployment.refused("up", "--detach", "--scale", f"{stage}=2")
    assert "container name" in said
    assert len(deployment.containers(stage)) == 1


def test_a_wrong_setting_is_told_before_anything_starts(deployment: Deployment) -> None:
    said = deployment.refused(
        *("run", "--rm", "-T", "--env", "CALMLOOP_ACTUATOR_BRIDGE__PORT=COM3", "init", "check")
    )
    assert "actuator_bridge.port" in said
    deployment.compose("run", "--rm", "-T", "init", "check")


def test_payloads_that_are_too_large_end_no_service_and_no_session(
    deployment: Deployment, caregiver: Caregiver
) -> None:
    caregiver.make_active()
    password = deployment.password("caregiver")
    before = {name: deployment.restarts(name) for name in ("broker", "scenario-selector")}
    for _ in range(PAYLOADS):
        send_too_much(password, deployment.plain_port)
    assert {name: deployment.restarts(name) for name in before} == before
    chair = caregiver.bus.wait_for("chair/state")
    print(f"{PAYLOADS} payloads of {len(PAYLOAD)} bytes later the chair is {chair['mode']}")
    assert chair["mode"] == "active"
    caregiver.stop()
    caregiver.bus.wait_for("chair/state", lambda s: s["mode"] == "safe")


def send_too_much(password: str, port: int) -> None:
    """Returns once the broker has ended the sender's connection."""
    sender = paho.Client(
        CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5, reconnect_on_failure=False
    )
    connected, lost = threading.Event(), threading.Event()
    sender.username_pw_set("caregiver", password)
    sender.on_connect = lambda *_: connected.set()
    sender.on_disconnect = lambda *_: lost.set()
    sender.connect("localhost", port)
    sender.loop_start()
    try:
        assert connected.wait(LOST_S)
        sender.publish(f"calmloop/{CHAIR}/override/set", PAYLOAD, qos=1)
        assert lost.wait(LOST_S), "the broker took it"
    finally:
        sender.loop_stop()
