"""Who may read and write what, in the running deployment."""

import subprocess
from pathlib import Path

import pytest

from tests.system.bus_client import PATIENCE_S, BusClient
from tests.system.caregiver import Caregiver
from tests.system.deployment import CHAIR, FOLDER, Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

FRAMES = 10


def test_a_monitor_sees_emotions_and_is_denied_pictures(deployment: Deployment) -> None:
    """An allowed reader receives frames all the while that the monitor receives none."""
    detector = BusClient(
        "face-detector", deployment.password_of_service("face-detector"), deployment.plain_port
    )
    monitor = BusClient("monitor", deployment.password("monitor"), deployment.plain_port)
    with monitor, detector:
        for path in ("#", "camera/frame", "face/crop"):
            monitor.subscribe(path)
        detector.subscribe("camera/frame")
        for _ in range(FRAMES):
            frame = detector.wait_for_message("camera/frame")
            assert frame.payload.startswith(b"\xff\xd8"), "a JPEG"
        emotion = monitor.wait_for("emotion/state")
        assert emotion["label"] in {"negative", "neutral", "positive", "unknown"}
        assert not {"camera/frame", "face/crop"} & monitor.topics()


def test_a_monitor_s_commands_and_stops_do_not_arrive(
    deployment: Deployment, caregiver: Caregiver
) -> None:
    """The caregiver, who reads every command, sees its own and nothing of the monitor's."""
    monitor = BusClient("monitor", deployment.password("monitor"), deployment.plain_port)
    commands = ("override/set", "session/set", "stop/reset", "camera/set", "stop")
    with monitor:
        began = len(caregiver.bus.received)
        for path in commands:
            monitor.publish(path, {"action": "less", "by": "monitor"})
        caregiver.bus.publish("override/set", {"action": "less"})
        caregiver.bus.wait_for("session/state")
    arrived = [m for m in caregiver.bus.received[began:] if m.topic.split("/", 2)[2] in commands]
    assert [m.body for m in arrived] == [{"action": "less"}]


def test_outside_clients_use_tls_with_the_device_s_own_authority(
    deployment: Deployment, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_text(deployment.compose("run", "--rm", "-T", "init", "show", "ca"))
    password = deployment.password("monitor")
    with BusClient("monitor", password, deployment.tls_port, ca=ca) as monitor:
        monitor.subscribe("chair/state")
        monitor.wait_for("chair/state")


def test_nobody_is_anonymous(deployment: Deployment) -> None:
    subscribe = ["mosquitto_sub", "-t", f"calmloop/{CHAIR}/#", "-C", "1", "-W", "5"]
    inside = ["docker", "compose", "exec", "-T", "--env", "XDG_CONFIG_HOME=/nowhere", "broker"]
    answer = subprocess.run(
        [*inside, *subscribe],
        env=deployment.environment,
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "not authorised" in answer.stderr
    assert answer.stdout == ""


def test_a_renewed_password_replaces_the_old_one(
    deployment: Deployment, caregiver: Caregiver
) -> None:
    old = deployment.password("monitor")
    deployment.compose("run", "--rm", "-T", "init", "renew", "monitor")
    deployment.compose("restart", "broker")
    new = deployment.password("monitor")
    assert new != old
    caregiver.bus.wait_for("chair/state", timeout_s=60)
    with BusClient("monitor", new, deployment.plain_port) as monitor:
        monitor.subscribe("chair/state")
        monitor.wait_for("chair/state")
    with BusClient("monitor", old, deployment.plain_port) as former:
        assert former.refused.wait(PATIENCE_S)
