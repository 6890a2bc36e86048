"""`calmloop device` on a real engine: nothing is stopped under a session, and all comes back."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.bus_client import BusClient
from tests.system.caregiver import Caregiver
from tests.system.deployment import FOLDER, RETURN_S, Deployment

pytestmark = pytest.mark.system

CALMLOOP = Path(sys.executable).parent / "calmloop"
PROFILE = "/var/lib/calmloop/profiles/c7.yaml"
WRITE = f"mkdir -p $(dirname {PROFILE}) && echo 'ceiling_pct: {{}}' > {PROFILE}"


@pytest.fixture
def device(images: tuple[str, ...], tmp_path: Path) -> Iterator[Deployment]:
    """One with a folder of its own, since a restore exchanges what is in it."""
    assert images
    folder = tmp_path / "compose"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("init", ".env"))
    device = Deployment(f"calmloop-kept-{os.getpid()}", "sim", folder)
    try:
        device.compose("up", "--detach", "--wait", "--no-build")
        yield device
    finally:
        device.down()


def calmloop(device: Deployment, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [CALMLOOP, "device", *words, "--compose", folder],
        env=device.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def profile(device: Deployment) -> str:
    """What the selector has of the child, and whose it is."""
    words = ("sh", "-c", f"cat {PROFILE}; stat -c %u:%g {PROFILE}")
    return device.compose("exec", "-T", "scenario-selector", *words)


def test_a_device_is_copied_and_brought_back_but_never_under_a_session(
    device: Deployment, tmp_path: Path
) -> None:
    folder, copy = tmp_path / "compose", str(tmp_path / "copy.tar.gz")
    device.compose("exec", "-T", "scenario-selector", "sh", "-c", WRITE.format(40))
    before = profile(device)

    copied = calmloop(device, folder, "backup", copy)
    assert copied.returncode == 0, copied.stderr
    device.compose("up", "--detach", "--wait", "--no-build")

    with BusClient("caregiver", device.password("caregiver"), device.plain_port) as bus:
        caregiver = Caregiver(bus)
        caregiver.make_active()
        refused = calmloop(device, folder, "restore", copy)
        assert (refused.returncode, "nothing was done" in refused.stderr) == (1, True)
        assert device.container("scenario-selector").status == "running"
        caregiver.stop()
        bus.wait_for("session/state", lambda s: s["phase"] == "idle", RETURN_S)
        bus.wait_for("chair/state", lambda s: s["mode"] == "safe", RETURN_S)

    device.compose("exec", "-T", "scenario-selector", "sh", "-c", WRITE.format(5))
    assert profile(device) != before
    restored = calmloop(device, folder, "restore", copy)
    assert restored.returncode == 0, restored.stderr
    device.compose("up", "--detach", "--wait", "--no-build")
    assert profile(device) == before
