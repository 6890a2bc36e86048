"""Releases on a real engine: by hand and as a fleet has them, of this checkout's images."""

import gzip
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.system.bus_client import BusClient
from tests.system.caregiver import Caregiver
from tests.system.deployment import FOLDER, RETURN_S, Deployment
from tests.system.released_device import CHAIR, EngineDevice, ReleaseCentre
from tests.unit.device.release_rig import make_release
from tests.unit.fleet_centre.fleet_certificates import make_certificates
from tests.unit.fleet_releases.repository_rig import serving

pytestmark = pytest.mark.system

FIRST, SICK, NEXT = "9.1.0", "9.2.0", "9.3.0"
LOADED = f"calmloop-test/init:{NEXT}"
"""The one image that a release brings; the others only get further tags."""


@pytest.fixture
def tagged(engine: docker.DockerClient, images: tuple[str, ...]) -> Iterator[None]:
    """Every image under the versions of the releases."""
    ours = [tag for tag in images if ":local" in tag]
    further = {
        tag.replace(":local", f":{version}"): tag for tag in ours for version in (FIRST, SICK, NEXT)
    }
    for new, old in further.items():
        engine.images.get(old).tag(new)
    yield
    for new in further:
        engine.images.remove(new, force=True)


@pytest.fixture
def device(tagged: None, tmp_path: Path) -> Iterator[EngineDevice]:
    """With its first release, and something that it learnt of a child."""
    home = tmp_path / "home"
    deployment = Deployment(f"calmloop-release-{os.getpid()}", "sim", home / "compose")
    device = EngineDevice(deployment, home, tmp_path / "authority.crt")
    try:
        device.does("install", make_release(tmp_path / "1", FIRST), "--no-unit")
        device.learn(40)
        yield device
    finally:
        if (home / "compose").exists():
            deployment.down()


@pytest.fixture
def centre(tmp_path: Path, engine: docker.DockerClient, tagged: None) -> ReleaseCentre:
    """With a release that does not become healthy, and a good one that brings an image."""
    centre = ReleaseCentre(tmp_path / "centre", FIRST)
    text = (FOLDER / "compose.yaml").read_text()
    never = text.replace("find /tmp/alive", "find /tmp/never")
    broken = never.replace("start_period: 30s", "start_period: 5s")
    assert text != never != broken
    centre.publish(SICK, compose=broken.encode())
    held = subprocess.run(["docker", "save", LOADED], stdout=subprocess.PIPE, check=True).stdout
    engine.images.remove(LOADED)
    centre.publish(NEXT, images=gzip.compress(held, 1))
    return centre


@pytest.mark.timeout(900)
def test_a_device_has_the_releases_of_its_fleet_and_those_of_a_technician(
    device: EngineDevice, centre: ReleaseCentre, tmp_path: Path
) -> None:
    make_certificates(tmp_path)
    with serving(centre.served, tls=tmp_path) as url:
        assert url.startswith("https://")
        root = centre.folder / "1.root.json"
        root.write_bytes(centre.root)
        begins = ("follow", url, "--root", root, "--chair", CHAIR, "--no-unit")
        assert "certificate" in device.fails(*begins, trusting=False)
        assert "nothing is rolled out" in device.does(*begins)
        a_sick_one_is_gone_back_from_and_not_tried_again(device, centre)
        under_a_session_it_waits(device, centre)
        it_is_taken_gone_back_from_by_hand_and_put_there_by_hand(device, centre)
        what_is_halted_is_gone_back_from(device, centre)


def a_sick_one_is_gone_back_from_and_not_tried_again(
    device: EngineDevice, centre: ReleaseCentre
) -> None:
    centre.desk.start(SICK)
    centre.to_all()
    assert "is back with its data, healthy" in device.fails("follow")
    assert device.state == (FIRST, "40")
    grade, told = device.doctor()
    assert (grade, f"{SICK} (" in told, "does not become healthy" in told) == ("wrong", True, True)
    before = device.deployment.starts()
    assert "it is not tried again" in device.does("follow")
    assert device.deployment.starts() == before
    assert "was gone back from" in device.doctor()[1]
    centre.desk.halt("it is sick")


def under_a_session_it_waits(device: EngineDevice, centre: ReleaseCentre) -> None:
    centre.desk.start(NEXT)
    assert f"{NEXT} is not for this chair yet" in device.does("follow")
    centre.to_all()
    deployment = device.deployment
    with BusClient("caregiver", deployment.password("caregiver"), deployment.plain_port) as bus:
        caregiver = Caregiver(bus)
        caregiver.make_active()
        before = deployment.starts()
        assert "nothing was done" in device.fails("update", centre.release(NEXT))
        assert "the next turn tries again" in device.does("follow")
        grade, told = device.doctor()
        assert (grade, f"{NEXT} waits: the chair is active" in told) == ("good", True), told
        assert deployment.starts() == before
        bus.wait_for("chair/state", lambda s: s["mode"] == "active")
        caregiver.stop()
        bus.wait_for("session/state", lambda s: s["phase"] == "idle", RETURN_S)
        bus.wait_for("chair/state", lambda s: s["mode"] == "safe", RETURN_S)


def it_is_taken_gone_back_from_by_hand_and_put_there_by_hand(
    device: EngineDevice, centre: ReleaseCentre
) -> None:
    assert "every service is healthy" in device.does("follow")
    assert device.state == (NEXT, "40")
    grade, told = device.doctor()
    assert (grade, f"{NEXT} (" in told and "every service is healthy" in told) == ("good", True)
    device.learn(5)
    device.does("rollback")
    assert device.state == (FIRST, "40")
    assert "was gone back from" in device.does("follow")
    device.does("update", centre.release(NEXT))
    assert device.state == (NEXT, "40")


def what_is_halted_is_gone_back_from(device: EngineDevice, centre: ReleaseCentre) -> None:
    assert f"{NEXT} is installed" in device.does("follow")
    device.learn(5)
    centre.desk.halt("it smells")
    assert f"the fleet halted {NEXT}" in device.does("follow")
    assert device.state == (FIRST, "40")
    grade, told = device.doctor()
    assert (grade, f"the fleet halted {NEXT}" in told) == ("good", True)
    before = device.deployment.starts()
    assert f"{NEXT} is halted" in device.does("follow")
    assert device.deployment.starts() == before
