"""A real engine's device is installed, updated and goes back, by the images of this checkout."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.system.bus_client import BusClient
from tests.system.caregiver import Caregiver
from tests.system.deployment import FOLDER, RETURN_S, Deployment
from tests.unit.device.release_rig import make_release

pytestmark = pytest.mark.system

CALMLOOP = Path(sys.executable).parent / "calmloop"
PROFILE = "/var/lib/calmloop/profiles/c7.yaml"
WRITE = f"mkdir -p $(dirname {PROFILE}) && echo 'ceiling_pct: {{}}' > {PROFILE}"
FIRST, NEXT, SICK = "9.1.0", "9.2.0", "9.3.0"
LOADED = f"calmloop-test/init:{NEXT}"
"""The one image that the next release brings; the others only get further tags."""


@pytest.fixture
def tagged(engine: docker.DockerClient, images: tuple[str, ...]) -> Iterator[None]:
    """Every image under the versions of the releases."""
    ours = [tag for tag in images if ":local" in tag]
    further = {
        tag.replace(":local", f":{version}"): tag for tag in ours for version in (FIRST, NEXT, SICK)
    }
    for new, old in further.items():
        engine.images.get(old).tag(new)
    yield
    for new in further:
        engine.images.remove(new, force=True)


@pytest.fixture
def device(tagged: None, tmp_path: Path) -> Iterator[Deployment]:
    device = Deployment(f"calmloop-release-{os.getpid()}", "sim", tmp_path / "home/compose")
    try:
        yield device
    finally:
        if (tmp_path / "home/compose").exists():
            device.down()


def calmloop(device: Deployment, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [CALMLOOP, "device", *words, "--home", home],
        env=device.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def profile(device: Deployment) -> str:
    """What the selector has of the child."""
    return device.compose("exec", "-T", "scenario-selector", "cat", PROFILE)


def version(device: Deployment) -> str:
    """Of what runs."""
    image = str(device.container("scenario-selector").attrs["Config"]["Image"])
    return image.rpartition(":")[2]


@pytest.mark.timeout(900)
def test_a_device_is_installed_updated_and_goes_back_with_its_data(
    device: Deployment, tmp_path: Path, engine: docker.DockerClient
) -> None:
    home = tmp_path / "home"
    done = calmloop(device, home, "install", str(make_release(tmp_path / "1", FIRST)), "--no-unit")
    assert done.returncode == 0, done.stderr
    assert version(device) == FIRST
    device.compose("exec", "-T", "scenario-selector", "sh", "-c", WRITE.format(40))

    held = subprocess.run(["docker", "save", LOADED], stdout=subprocess.PIPE, check=True).stdout
    engine.images.remove(LOADED)
    following = make_release(tmp_path / "2", NEXT, images=gzip.compress(held, 1))
    with BusClient("caregiver", device.password("caregiver"), device.plain_port) as bus:
        caregiver = Caregiver(bus)
        caregiver.make_active()
        refused = calmloop(device, home, "update", str(following))
        assert (refused.returncode, "nothing was done" in refused.stderr) == (1, True)
        assert (version(device), device.container("scenario-selector").status) == (
            FIRST,
            "running",
        )
        caregiver.stop()
        bus.wait_for("session/state", lambda s: s["phase"] == "idle", RETURN_S)
        bus.wait_for("chair/state", lambda s: s["mode"] == "safe", RETURN_S)
    done = calmloop(device, home, "update", str(following))
    assert done.returncode == 0, done.stderr
    assert (version(device), profile(device)) == (NEXT, "ceiling_pct: 40\n")

    text = (FOLDER / "compose.yaml").read_text()
    broken = text.replace("find /tmp/alive", "find /tmp/never").encode()
    assert broken != text.encode()
    done = calmloop(device, home, "update", str(make_release(tmp_path / "3", SICK, compose=broken)))
    assert (done.returncode, "is back with its data, healthy" in done.stderr) == (1, True)
    assert (version(device), profile(device)) == (NEXT, "ceiling_pct: 40\n")

    device.compose("exec", "-T", "scenario-selector", "sh", "-c", WRITE.format(5))
    done = calmloop(device, home, "rollback")
    assert done.returncode == 0, done.stderr
    assert (version(device), profile(device)) == (FIRST, "ceiling_pct: 40\n")
