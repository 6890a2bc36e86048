"""Devices that follow a fleet's repository."""

from pathlib import Path

from calmloop.device.bundle import Bundle
from calmloop.device.following import FOLDER, ROOT, FleetFollower, Following
from calmloop.fleet.repository_commands import publish_bundle
from calmloop.fleet_releases.rollout import Rollout
from tests.unit.device.release_rig import Dying, ReleasedDevice
from tests.unit.fleet_releases.repository_rig import RepositoryRig


class Fleet(RepositoryRig):
    """Devices by name, and their repository behind a web server."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "repository-rig")
        self.devices: dict[str, ReleasedDevice] = {}
        self.url, self._home = "", folder

    def join(self, name: str, profiles: str = "sim") -> ReleasedDevice:
        """A device with a first release."""
        (self._home / name).mkdir()
        device = ReleasedDevice(self._home / name)
        device.install("0.1.0", profiles)
        Following(url=self.url, chair=name).write(device.home.folder)
        (device.home.folder / FOLDER / ROOT).write_bytes(self.root)
        self.devices[name] = device
        return device

    def roll_out(self, version: str, *, to_all: bool = False) -> None:
        """A release of which chairs know."""
        if version not in self.repository().releases():
            self.publish_with_images(version)
        rollout = Rollout.begin(version, "0.1.0", self.devices, self.now)
        while to_all and rollout.ring_pct < 100:
            rollout = rollout.advanced(self.devices, self.now)
        self.say(rollout)

    def publish_with_images(self, version: str) -> None:
        """As devices take it."""
        one = next(iter(self.devices.values()))
        firmware = "1.3.0" if version == "0.4.0" else "1.2.0"
        release = one.release(version, firmware=firmware)
        publish_bundle(self.repository(), Bundle.open(release, None))

    def say(self, rollout: Rollout) -> None:
        """What is rolled out now."""
        self.repository().set_rollout(rollout.model_dump_json().encode())

    def turn(self, device: ReleasedDevice) -> str:
        """What systemd does all quarters of an hour."""
        return follower(device).turn(self.now)


def follower(device: ReleasedDevice, dying: Dying | None = None) -> FleetFollower:
    return FleetFollower(device.home, device.releases(dying.run if dying else None), None)
