"""The centre as its Compose file runs it: hardened, each container with its own secrets alone.

Broker and database are Debian's in images of the test's own; all else is what is shipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import free_ports
from tests.fleet.device import Device
from tests.fleet.page_visit import HOST, page_of
from tests.fleet.rabbit import ROOT
from tests.fleet.waiting import wait_until
from tests.unit.device.release_rig import make_release

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(900)]
HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "compose/fleet"
CALMLOOP = Path(sys.executable).with_name("calmloop")
TAG, PREFIX = "calmloop-test", "calmloop-test"
CHAIR, PASSWORD = "clinic-2-chair-7", "a long one of a test"
LEFT_OUT = ("proc", "sys", "dev", "srv")
REVOKED_S = 5.0
AGAIN_S = 60.0
RELEASES_UID = 10024


class ComposedCentre:
    """A centre by `docker compose`, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.secrets = folder, folder / "secrets"
        self.repository, self.keys = folder / "repository", folder / "keys"
        self.mqtt_port, self.enrolment_port, self.page_port = free_ports(3)
        self._env = os.environ | {
            "COMPOSE_PROJECT_NAME": f"calmloop-fleet-test-{os.getpid()}",
            "FLEET_SECRETS": str(self.secrets),
            "FLEET_REPOSITORY": str(self.repository),
            "FLEET_MQTT_PORT": str(self.mqtt_port),
            "FLEET_ENROLMENT_PORT": str(self.enrolment_port),
            "FLEET_PAGE_PORT": str(self.page_port),
            "IMAGE_PREFIX": PREFIX,
            "RABBITMQ_TAG": TAG,
            "POSTGRES_TAG": TAG,
        }

    def compose(self, *words: str, given: str = "") -> str:
        """What it says."""
        return said(
            "docker", "compose", "--profile", "releases", *words, given=given, env=self._env
        )

    def centre(self, *words: str, given: str = "") -> str:
        """What a technician does at the enrolment."""
        module = ("python", "-m", "calmloop.fleet_centre")
        return self.compose("exec", "-T", "enrolment", *module, *words, given=given)

    def releases(self, *words: str) -> str:
        """What a person says of a rollout."""
        module = ("python", "-m", "calmloop.fleet_releases")
        return self.compose("exec", "-T", "releases", *module, *words)

    def page(self) -> str:
        """What somebody sees."""
        return page_of(self.page_port, self.secrets / "authority.crt", "anna", PASSWORD)


def said(*command: str | Path, given: str = "", env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=given, env=env, cwd=SHIPPED, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def images() -> None:
    """Those of broker and database, of Debian's packages, and the shipped one."""
    if shutil.which("docker") is None or subprocess.call(["docker", "info"], stdout=-3, stderr=-3):
        pytest.skip("no Docker engine answers here")
    left_out = [f"--exclude=./{name}" for name in LEFT_OUT]
    tar = ["tar", "-C", str(ROOT), *left_out, "-c", "."]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packed:
        taken = ["docker", "import", "-", f"{PREFIX}/rabbitmq-root"]
        subprocess.run(taken, stdin=packed.stdout, check=True, capture_output=True)
    for name, tag in (("broker", f"rabbitmq:{TAG}"), ("postgres", f"postgres:{TAG}")):
        file = HERE / f"images/{name}.Dockerfile"
        said("docker", "build", "-q", "-t", tag, "-f", file, HERE / "images")
    centre = f"{PREFIX}/fleet-centre:local"
    said("docker", "build", "-q", "-t", centre, "-f", SHIPPED / "Dockerfile", SHIPPED.parents[1])


@pytest.fixture(scope="module")
def composed(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposedCentre]:
    """As docs/guides/fleet.md has it made, with a release that was published."""
    centre = ComposedCentre(tmp_path_factory.mktemp("composed"))
    said(SHIPPED / "prepare.sh", HOST, centre.secrets)
    repository = (CALMLOOP, "fleet", "repository")
    release = make_release(centre.folder / "release", "0.2.0")
    said(*repository, "init", centre.repository, "--keys", centre.keys)
    said(*repository, "publish", release, centre.repository, "--keys", centre.keys)
    shutil.copy(centre.keys / "online.pem", centre.secrets / "releases")
    os.chown(centre.secrets / "releases/online.pem", RELEASES_UID, RELEASES_UID)
    for folder in (centre.repository, *centre.repository.iterdir()):
        os.chown(folder, RELEASES_UID, RELEASES_UID)
    # As others of the machine have to come in to the folders that containers are given.
    for parent in (centre.folder, *centre.folder.parents[:2]):
        parent.chmod(0o755)
    try:
        centre.compose("up", "-d", "--no-build", "--pull", "never", "--wait")
        yield centre
    finally:
        centre.compose("down", "--volumes", "--timeout", "5")


def test_a_device_joins_is_seen_gets_a_rollout_and_is_taken_out(
    composed: ComposedCentre, tmp_path: Path
) -> None:
    code = composed.centre("code", CHAIR).strip()
    place, authority = f"{HOST}:{composed.enrolment_port}", composed.secrets / "authority.crt"
    said(CALMLOOP, "fleet", "enrol", place, code, "--authority", authority, "--into", tmp_path)
    for ending in ("crt", "key"):
        shutil.copy(tmp_path / f"device.{ending}", tmp_path / f"{CHAIR}.{ending}")
    composed.centre("person", "anna", given=f"{PASSWORD}\n")

    with Device(composed.mqtt_port, tmp_path, CHAIR) as device:
        assert device.until(lambda: device.connected)
        device.send(1, 5)
        assert device.until(lambda: device.acks() == [5])
        assert CHAIR in composed.page()

        assert composed.releases("start", "0.2.0") == "0.2.0: 1 %, 1 of 1 chairs\n"
        assert "Release 0.2.0 goes to 1 % of the chairs" in composed.page()
        composed.releases("halt", "it smells")
        assert "Release 0.2.0 was halted: it smells" in composed.page()

        composed.compose("restart", "broker")
        wait_until(lambda: device.connected, AGAIN_S)
        device.send(6, 7)
        assert device.until(lambda: device.acks()[-1] == 7, AGAIN_S), "the worker is back"

        composed.centre("revoke", CHAIR)
        assert device.until(lambda: not device.connected, REVOKED_S)
    assert "taken out" in composed.page()
    running = composed.compose("ps", "--services", "--status", "running").split()
    assert set(running) == {"broker", "postgres", "ingest", "enrolment", "page", "releases"}
