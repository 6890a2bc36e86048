"""One turn of a device that follows its fleet: looks, and does by the same code as a person would.

It never asks for more than that code allows: under a session or while the chair is armed it waits
for another turn, and where the chair has another firmware for a technician.
"""

from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from calmloop.base.errors import CalmloopError, InputError
from calmloop.base.whole_files import make_folder, write_text
from calmloop.contract.fleet_rollout import FleetRollout
from calmloop.device.bundle import Bundle
from calmloop.device.containers import DeviceBusyError
from calmloop.device.fetching import RepositoryAwayError, RepositoryClient
from calmloop.device.manifest import parts_of
from calmloop.device.releasing import NotHealthyError, Releases
from calmloop.device.way_back import DeviceHome

FOLDER, STATE, ROOT = "follow", "state.json", "root.json"


class FirmwareAheadError(CalmloopError):
    """It was gone back to a release that was made with another firmware than the chair may have."""


class Following(BaseModel):
    """What a device remembers from turn to turn.

    Attributes:
        url: Of the repository.
        chair: This device's name in the fleet.
        begun: Rollouts, by release and by when they began, that this device may have tried.
        tried: Those that it has tried: what was gone back from is not taken again.
        at: When its last turn was, UTC.
        said: What came of it.
        failed: Whether somebody has to see to it.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    chair: str
    begun: dict[str, datetime] = {}
    tried: dict[str, datetime] = {}
    at: datetime | None = None
    said: str = ""
    failed: bool = False

    @classmethod
    def read(cls, home: Path) -> Self:
        """Reads it.

        Raises:
            InputError: this device follows none.
        """
        file = home / FOLDER / STATE
        try:
            return cls.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            raise InputError(
                f"{file} is not there: `calmloop device follow URL --root FILE --chair NAME` has"
                " this device follow a fleet; nothing was done"
            ) from None
        except ValidationError:
            raise InputError(
                f"{file}: is not what this program wrote: remove it, and name the repository again"
            ) from None

    def write(self, home: Path) -> None:
        """Keeps it.

        Raises:
            OutputError: it cannot be written.
        """
        make_folder(home / FOLDER)
        write_text(home / FOLDER / STATE, self.model_dump_json(indent=1) + "\n")


class FleetFollower:
    """A device in a fleet."""

    def __init__(self, home: DeviceHome, releases: Releases, key: Path | None) -> None:
        """Prepares it.

        Args:
            home: What it has.
            releases: What puts one there, and goes back.
            key: By which a release has to be signed, too; None: the repository's are enough.
        """
        self._home, self._releases, self._key = home, releases, key
        self._state = Following.read(home.folder)

    def turn(self, now: datetime) -> str:
        """Does what there is to do; returns what came of it.

        Raises:
            CalmloopError: somebody has to see to it, as the words say.
        """
        try:
            said, failed = self._turn(), False
        except (RepositoryAwayError, DeviceBusyError) as error:
            said, failed = f"{error}; the next turn tries again", False
        except Exception as error:
            self._keep(at=now, said=str(error), failed=True)
            raise
        self._keep(at=now, said=said, failed=failed)
        return said

    def _turn(self) -> str:
        self._carry_on()
        folder = self._home.folder / FOLDER
        client = RepositoryClient(self._state.url, (folder / ROOT).read_bytes(), folder)
        rollout, installed = client.rollout(), self._releases.about().version
        if rollout is None:
            return "nothing is rolled out"
        if rollout.release == installed:
            self._keep(tried=self._state.tried | {installed: rollout.began})
        if self._takes(rollout, installed):
            return self._update(client, rollout)
        client.tidy()
        if installed in rollout.bad:
            return self._go_back(installed)
        if rollout.release == installed:
            return f"{installed} is installed, as the fleet is to have"
        why = self._why_not(rollout) or f"{rollout.release} is older"
        return f"{installed} stays: {why}"

    def _takes(self, rollout: FleetRollout, installed: str) -> bool:
        newer = parts_of(rollout.release) > parts_of(installed)
        return newer and not self._why_not(rollout)

    def _why_not(self, rollout: FleetRollout) -> str:
        if rollout.halted:
            return f"{rollout.release} is halted"
        if not rollout.reaches(self._state.chair):
            return f"{rollout.release} is not for this chair yet"
        if self._state.tried.get(rollout.release) == rollout.began:
            return (
                f"{rollout.release} was here, and was gone back from; it is not tried again unless"
                " its rollout begins anew"
            )
        return ""

    def _update(self, client: RepositoryClient, rollout: FleetRollout) -> str:
        version = rollout.release
        client.tidy(but=version)
        about = client.about(version)
        if about.version != version:
            raise InputError(f"the release {version} says that it is {about.version}: nothing done")
        try:
            self._releases.may_update(about, flashed=False)
        except DeviceBusyError as error:
            raise DeviceBusyError(
                f"{version} waits: {error} (its folder is {client.place(version)})"
            ) from None
        bundle = Bundle.open(client.release(version), self._key)
        self._keep(begun={version: rollout.began})
        try:
            way = self._releases.update(bundle, flashed=False).way
        except NotHealthyError:
            self._tried()
            raise
        self._tried()
        client.tidy()
        return f"{way.to} is in the place of {way.before}, and every service is healthy"

    def _go_back(self, installed: str) -> str:
        if self._home.way_back() is None:
            raise InputError(
                f"{installed} is halted in the fleet, and this device has no release before it:"
                " a technician puts another there, `calmloop device update`; nothing was done"
            )
        outcome = self._releases.roll_back()
        if outcome.unhealthy:
            raise NotHealthyError(
                f"{outcome.way.before} is back, as the fleet halted {installed}, but not every"
                f" service is healthy: {outcome.unhealthy}; `calmloop device doctor` says more"
            )
        told = f"{outcome.way.before} is back, with its data: the fleet halted {installed}"
        if outcome.to_flash:
            raise FirmwareAheadError(f"{told}; {outcome.to_flash}")
        return told

    def _carry_on(self) -> None:
        """Ends what was cut short; what had begun has been tried then, however it ended."""
        if self._home.under_way() is not None:
            try:
                self._releases.carry_on()
            finally:
                if self._home.under_way() is None:
                    self._tried()

    def _tried(self) -> None:
        self._keep(tried=self._state.tried | self._state.begun, begun={})

    def _keep(self, **update: object) -> None:
        self._state = self._state.model_copy(update=update)
        self._state.write(self._home.folder)
