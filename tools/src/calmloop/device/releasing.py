"""Puts a release on a device, carries on what was cut short, and goes back to the one before.

Nothing is exchanged before it is checked, and nothing is kept that does not become healthy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from calmloop.base.errors import CalmloopError, InputError
from calmloop.base.whole_files import written
from calmloop.contract.fleet_rollout import RELEASE_FILE
from calmloop.device.archive import write_archive
from calmloop.device.bundle import FIRMWARE, Bundle, ReleaseAbout
from calmloop.device.chair_firmware import why_other_firmware
from calmloop.device.containers import ChairWord, hear, left_alone, standing_still, start
from calmloop.device.deployment import Deployment
from calmloop.device.engine import HEALTH_S, why_not_healthy
from calmloop.device.kept import IN_VOLUMES, places
from calmloop.device.machine import Machine
from calmloop.device.manifest import parts_of
from calmloop.device.preparing import prepare
from calmloop.device.restoring import Restored, restore
from calmloop.device.swapping import finish
from calmloop.device.way_back import DeviceHome, WayBack


class NotHealthyError(CalmloopError):
    """Services that were started do not become healthy."""


@dataclass(frozen=True)
class ReleaseOutcome:
    """How it ended.

    Attributes:
        way: What was done.
        unhealthy: Why not every service is healthy; empty where all are.
        restored: The volumes that were brought back; None: it was not gone back.
        to_flash: What a technician has to do about the chair's firmware; empty: nothing.
    """

    way: WayBack
    unhealthy: str
    restored: Restored | None = None
    to_flash: str = ""


class Releases:
    """The releases on a device."""

    def __init__(
        self,
        machine: Machine,
        home: DeviceHome,
        say: Callable[[str], None],
        ask: Callable[[Machine, Deployment], ChairWord] = hear,
    ) -> None:
        """Prepares it.

        Args:
            machine: With Docker on it.
            home: Where they are.
            say: Tells a person what is done next.
            ask: Asks the deployment how the chair is.
        """
        self._machine, self._home, self._say, self._ask = machine, home, say, ask

    def about(self) -> ReleaseAbout:
        """What is installed.

        Raises:
            InputError: nothing is.
        """
        try:
            return ReleaseAbout.read(self._home.compose / RELEASE_FILE)
        except FileNotFoundError:
            raise InputError(
                f"{self._home.compose} has no {RELEASE_FILE}: `calmloop device install` puts a"
                " release there; nothing was done"
            ) from None

    def install(self, bundle: Bundle, profiles: str) -> ReleaseOutcome:
        """Puts the first release on a device.

        Args:
            bundle: It.
            profiles: As `COMPOSE_PROFILES` in `.env`; empty: those of a chair that is plugged in.

        Raises:
            InputError: there is one, or an image is missing.
            CalmloopError: it cannot be put there. Nothing was exchanged.
        """
        self.check_free()
        way = prepare(self._machine, self._home, bundle, "", self._say, COMPOSE_PROFILES=profiles)
        self._home.begin(way)
        return self._forward(way)

    def check_free(self) -> None:
        """Is there none yet?

        Raises:
            InputError: there is.
        """
        if self._home.compose.exists():
            raise InputError(
                f"{self._home.compose} is there: `calmloop device update` puts a release in the"
                " place of another; nothing was done"
            )

    def update(self, bundle: Bundle, flashed: bool) -> ReleaseOutcome:
        """Puts a release in the place of another, and goes back where it does not become healthy.

        Args:
            bundle: It.
            flashed: A technician says that the chair has its firmware, if the chair does not.

        Raises:
            InputError: it is not newer, or an image is missing.
            DeviceBusyError: somebody may sit in the chair, or it has another firmware.
            CalmloopError: it cannot be put there. Nothing was exchanged.
        """
        ask = self.may_update(bundle.about, flashed)
        deployment, before = self._deployment(), str(self.about())
        way = prepare(self._machine, self._home, bundle, before, self._say)
        assert way.volumes is not None, "there is a release before"
        with standing_still(self._machine, deployment, ask) as stopped:
            try:
                write_archive(way.volumes, self._volumes(), deployment.values["CALMLOOP_CHAIR_ID"])
                self._home.begin(way)
            except BaseException:
                start(self._machine, stopped)
                raise
            return self._forward(way)

    def may_update(self, wanted: ReleaseAbout, flashed: bool) -> Callable[[Deployment], str]:
        """Is a release newer, the chair left alone, and its firmware that of the release?

        Returns:
            What asks the chair again: why not now; nothing: it may.

        Raises:
            InputError: the release is not newer.
            DeviceBusyError: somebody may sit in the chair, or it has another firmware.
        """
        about, deployment = self.about(), self._deployment()
        _refuse_older(wanted, about)
        ask = partial(self._why_not_updated, wanted=wanted, installed=about, flashed=flashed)
        if not left_alone(self._machine, deployment, ask):
            # Nobody was asked, as nothing runs: the firmware has to be known all the same.
            unknown = why_other_firmware(deployment, wanted, about, None, flashed)
            if unknown:
                raise InputError(f"{unknown}; nothing was done")
        return ask

    def carry_on(self) -> ReleaseOutcome | None:
        """Ends what was begun and not ended; None: nothing was.

        Raises:
            DeviceBusyError: somebody sits in the chair.
            CalmloopError: it cannot be ended; it is carried on the next time.
        """
        way = self._home.under_way()
        if way is None:
            return None
        if way.returns:
            return self._back(way)
        self._stand_still()
        return self._forward(way)

    def roll_back(self) -> ReleaseOutcome:
        """Goes back to the release before, with what the device had then.

        Raises:
            InputError: there is none.
            DeviceBusyError: somebody may sit in the chair.
            CalmloopError: it cannot be done now; it is carried on by `calmloop device start`.
        """
        way = self._home.way_back()
        if way is None:
            raise InputError(f"{self._home.previous} is not there: there is no release before")
        with standing_still(self._machine, self._deployment(), self._why_not_left):
            way = way.model_copy(update={"returns": True})
            self._home.begin(way)
            return self._back(way)

    def why_not_healthy(self) -> str:
        """Starts the services and waits for them; nothing: all are healthy."""
        return why_not_healthy(self._machine, self._home.compose)

    def _forward(self, way: WayBack) -> ReleaseOutcome:
        try:
            with written(self._home.folder):
                way.exchange.do()
            self._say(f"starting {way.to}, and waiting for every service's health")
            unhealthy = self.why_not_healthy()
        except CalmloopError as error:
            if not way.before:
                raise
            unhealthy = str(error)
        if not unhealthy or not way.before:
            self._home.keep(way)
            return ReleaseOutcome(way, unhealthy)
        self._say(f"it does not become healthy ({unhealthy}): going back to {way.before}")
        way = way.model_copy(update={"returns": True})
        self._home.begin(way)
        back = self._back(way)
        raise NotHealthyError(
            f"{way.to} does not become healthy within {HEALTH_S:.0f} s: {unhealthy};"
            f" {way.before} is back with its data, {_told(back)}"
        )

    def _back(self, way: WayBack) -> ReleaseOutcome:
        assert way.volumes is not None, "there is a release before"
        self._stand_still()
        with written(self._home.folder):
            way.exchange.undo()
            finish(self._home.restoring)
        try:
            restored = restore(
                way.volumes, self._volumes(), self._home.restoring, self._machine.now()
            )
        except InputError as error:
            raise InputError(
                f"{error}; the data is as it was left: to go on with it, remove"
                f" {self._home.journal}, then `calmloop device start`"
            ) from None
        self._home.returned(way)
        return ReleaseOutcome(way, self.why_not_healthy(), restored, self._to_flash(way))

    def _to_flash(self, way: WayBack) -> str:
        try:
            left = ReleaseAbout.read(way.exchange.new / RELEASE_FILE).firmware
        except FileNotFoundError:
            return ""
        firmware = self.about().firmware
        if firmware.sha256 == left.sha256:
            return ""
        return (
            f"{way.before} was made with the chair's firmware {firmware.version}, and {way.to} with"
            f" {left.version}: if the chair has that, a technician flashes it,"
            f" `calmloop chair flash {self._home.compose / FIRMWARE}`"
        )

    def _stand_still(self) -> None:
        """Stops what runs; between two folders nothing does."""
        if self._home.compose.exists():
            with standing_still(self._machine, self._deployment(), self._why_held):
                pass

    def _why_held(self, deployment: Deployment) -> str:
        held = self._ask(self._machine, deployment).held
        return f"{held}; then `calmloop device start` carries on" if held else ""

    def _why_not_left(self, deployment: Deployment) -> str:
        return self._ask(self._machine, deployment).why_not

    def _why_not_updated(
        self, deployment: Deployment, wanted: ReleaseAbout, installed: ReleaseAbout, flashed: bool
    ) -> str:
        word = self._ask(self._machine, deployment)
        return word.why_not or why_other_firmware(
            deployment, wanted, installed, word.chair, flashed
        )

    def _deployment(self) -> Deployment:
        return Deployment.read(self._home.compose)

    def _volumes(self) -> dict[str, Path]:
        there = places(self._machine, self._deployment(), None)
        return {name: path for name, path in there.items() if name.startswith(IN_VOLUMES)}


def _refuse_older(wanted: ReleaseAbout, installed: ReleaseAbout) -> None:
    if parts_of(wanted.version) < parts_of(installed.version):
        raise InputError(
            f"{wanted} is older than {installed}, whose data it may not read:"
            " `calmloop device rollback` goes back to the release before; nothing was done"
        )
    if wanted.tag == installed.tag:
        raise InputError(
            f"{installed} is installed, and the images of {wanted} have the same tag"
            f" '{wanted.tag}': there would be no way back. Make the release with another,"
            " --images TAG; nothing was done"
        )


def _told(back: ReleaseOutcome) -> str:
    health = f"but not healthy either: {back.unhealthy}" if back.unhealthy else "healthy"
    return "; ".join(filter(None, (health, back.to_flash, "`calmloop device doctor` says more")))
