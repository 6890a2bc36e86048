"""Brings a backup back: all of it is checked, then put beside, then moved into place at once."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from calmloop.base.errors import InputError
from calmloop.base.whole_files import written
from calmloop.device.archive import OpenArchive, open_archive
from calmloop.device.erasures import keep_erased
from calmloop.device.kept import IN_VOLUMES
from calmloop.device.manifest import BackupEntry, BackupManifest, EntryKind
from calmloop.device.swapping import Exchange, swap

LOG = f"{IN_VOLUMES}/log"
JOURNAL = ".restore-under-way.json"
FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


@dataclass(frozen=True)
class Restored:
    """What was brought back.

    Attributes:
        manifest: Of the backup.
        aside: Where that is which was there before.
        erased: Codes of children that were erased since the backup, and stay erased in the log.
    """

    manifest: BackupManifest
    aside: tuple[Path, ...]
    erased: tuple[str, ...]

    @property
    def to_erase(self) -> str:
        """What a person has to do about these; empty where there are none."""
        if not self.erased:
            return ""
        return (
            f"erased since: {', '.join(self.erased)}: the log keeps to that; their profiles are"
            " back: erase them again on the console's page History"
        )


def restore(
    file: Path, places: Mapping[str, Path], journal: Path, now: datetime | None = None
) -> Restored:
    """Puts every part of a backup in its place, or none.

    Args:
        file: The backup.
        places: Where each part is, or would be.
        journal: Where it is noted what is under way.
        now: Names what is kept of before.

    Raises:
        InputError: it is damaged, of a newer version, has a part that has no place here, or
            belongs to users whom only root can give files to. Nothing was written.
        OutputError: it cannot be written. All is as it was.
    """
    manifest = checked(file, places)
    stamp = f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    exchanges = [
        Exchange(
            new=_beside(places[part], f"new-{stamp}"),
            place=places[part],
            aside=_beside(places[part], f"before-{stamp}"),
        )
        for part in manifest.parts
    ]
    new = {part: exchange.new for part, exchange in zip(manifest.parts, exchanges, strict=True)}
    try:
        with open_archive(file) as archive:
            _put(archive, new)
        with written(places.get(LOG, journal)):
            erased = keep_erased(places[LOG], new[LOG]) if LOG in new else []
        with written(journal):
            swap(exchanges, journal)
    finally:
        if not journal.exists():
            _remove(new.values())
    aside = tuple(exchange.aside for exchange in exchanges if exchange.aside.exists())
    return Restored(manifest, aside, tuple(erased))


def checked(file: Path, places: Mapping[str, Path]) -> BackupManifest:
    """Reads all of a backup, and writes nothing.

    Raises:
        InputError: as `restore` says.
    """
    with open_archive(file) as archive:
        manifest = archive.manifest
        missing = [part for part in manifest.parts if part not in places]
        if missing:
            raise InputError(
                f"{', '.join(missing)}: no such volume is here: make them by `docker compose"
                " --profile '*' up --no-start`; nothing was written"
            )
        if os.geteuid() != 0 and any(entry.uid != os.geteuid() for entry in manifest.entries):
            raise InputError(f"{file}: holds other users' files: run it as root, with sudo")
        for _, content in archive.contents():
            for _ in content:
                pass
    return manifest


def _put(archive: OpenArchive, new: Mapping[str, Path]) -> None:
    """Writes all parts beside their places, each file on the disk before this returns."""
    folders: list[tuple[Path, BackupEntry]] = []
    for entry, content in archive.contents():
        path = new[entry.part] / entry.name.removeprefix(entry.part).lstrip("/")
        with written(path):
            if entry.kind is EntryKind.FOLDER:
                path.mkdir(mode=0o700)
                folders.append((path, entry))
            else:
                _write(path, entry, content)
    for path, entry in reversed(folders):
        with written(path):
            os.chown(path, entry.uid, entry.gid)
            path.chmod(entry.mode)
            os.utime(path, ns=(entry.mtime_ns, entry.mtime_ns))
            _sync(path)


def _write(path: Path, entry: BackupEntry, content: Iterator[bytes]) -> None:
    with os.fdopen(os.open(path, FILE_FLAGS, 0o600), "wb") as out:
        for chunk in content:
            out.write(chunk)
        out.flush()
        os.fchown(out.fileno(), entry.uid, entry.gid)
        os.fchmod(out.fileno(), entry.mode)
        os.utime(out.fileno(), ns=(entry.mtime_ns, entry.mtime_ns))
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}.{suffix}")


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):
            path.unlink(missing_ok=True)
