"""The one way back from a release to that before it, and what is under way, as files say it.

The journal is there from before anything is exchanged until every service of the new release is
healthy, or all is as it was. Whoever finds it carries on, whenever the other was ended.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from calmloop.base.errors import InputError
from calmloop.base.whole_files import write_text, written
from calmloop.device.swapping import Exchange

COMPOSE_FOLDER = "compose"
COPY = "volumes-before-"


class WayBack(BaseModel):
    """From what to what, and what is needed to go back.

    Attributes:
        to: The release that takes the other's place.
        before: The other; empty: there was none, and there is no way back.
        made: When, in UTC.
        exchange: Of the deployment's folder.
        volumes: A copy of what the device must not lose, as it was before.
        returns: It is gone back.
    """

    model_config = ConfigDict(frozen=True)

    to: str
    before: str
    made: str
    exchange: Exchange
    volumes: Path | None = None
    returns: bool = False

    @property
    def files(self) -> frozenset[Path]:
        """All that has to stay for it."""
        return frozenset({self.exchange.aside, *([self.volumes] if self.volumes else ())})


@dataclass(frozen=True)
class DeviceHome:
    """The folder that a device has for Calmloop.

    Attributes:
        folder: It.
    """

    folder: Path

    @property
    def compose(self) -> Path:
        """The deployment's folder."""
        return self.folder / COMPOSE_FOLDER

    @property
    def journal(self) -> Path:
        """Of what is under way."""
        return self.folder / ".update-under-way.json"

    @property
    def restoring(self) -> Path:
        """Of volumes that are brought back."""
        return self.folder / ".volumes-under-way.json"

    @property
    def previous(self) -> Path:
        """The way back to the release before."""
        return self.folder / ".way-back.json"

    def way_back(self) -> WayBack | None:
        """To the release before, if there is one."""
        return _read(self.previous)

    def under_way(self) -> WayBack | None:
        """What was begun and not ended."""
        return _read(self.journal)

    def begin(self, way: WayBack) -> None:
        """From here on it is carried on, whatever happens.

        Raises:
            OutputError: it cannot be written.
        """
        write_text(self.journal, way.model_dump_json(indent=1) + "\n")

    def keep(self, way: WayBack) -> None:
        """The new release stays; the way back from it is that of before no longer."""
        with written(self.folder):
            if way.before:
                self.journal.replace(self.previous)
            else:
                self.journal.unlink()
        self.tidy()

    def returned(self, way: WayBack) -> None:
        """All is as it was; the way that was gone is none any more."""
        before = self.way_back()
        with written(self.folder):
            if before is not None and before.exchange == way.exchange:
                self.previous.unlink()
            self.journal.unlink()

    def tidy(self) -> None:
        """Removes what no way back needs; nothing may be under way."""
        way = self.way_back()
        kept = way.files if way else frozenset()
        for pattern in (f"{COMPOSE_FOLDER}.new-*", f"{COMPOSE_FOLDER}.before-*", f"{COPY}*"):
            for path in sorted(self.folder.glob(pattern)):
                if path not in kept:
                    shutil.rmtree(path, ignore_errors=True)
                    with suppress(OSError):
                        path.unlink(missing_ok=True)

    def way(self, to: str, before: str, stamp: str) -> WayBack:
        """A new one."""
        return WayBack(
            to=to,
            before=before,
            made=stamp,
            exchange=Exchange(
                new=self.folder / f"{COMPOSE_FOLDER}.new-{stamp}",
                place=self.compose,
                aside=self.folder / f"{COMPOSE_FOLDER}.before-{stamp}",
            ),
            volumes=self.folder / f"{COPY}{stamp}.tar.gz" if before else None,
        )

    @classmethod
    def at(cls, folder: Path) -> Self:
        """By its whole path, since the journal names files."""
        return cls(folder.absolute())


def _read(file: Path) -> WayBack | None:
    try:
        return WayBack.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise InputError(
            f"{file}: is not what this program wrote: take the program of the newest release that"
            " was on this device"
        ) from None
