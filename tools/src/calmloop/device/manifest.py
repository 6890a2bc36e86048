"""What stands first in a backup: by whom it was made, and every file with its SHA-256."""

import json
from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmloop.base.errors import InputError
from calmloop.device.kept import part_names

MANIFEST = "manifest.json"
FORMAT = 1
MAX_MANIFEST_BYTES = 64 << 20
PERMISSIONS = 0o7777


def own_version() -> str:
    """Of this program."""
    return version("calmloop-tools")


class EntryKind(StrEnum):
    """Nothing else is kept: a link could lead out of the place where it is put."""

    FILE = "file"
    FOLDER = "folder"


class BackupEntry(BaseModel):
    """One file or folder; `name` begins with that of its part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: EntryKind
    size: int = Field(0, ge=0)
    sha256: str = ""
    mode: int = Field(ge=0, le=PERMISSIONS)
    uid: int = Field(ge=0)
    gid: int = Field(ge=0)
    mtime_ns: int = Field(ge=0)

    @property
    def part(self) -> str:
        """The part that it is of, or is."""
        return "/".join(self.name.split("/")[:2])


class BackupManifest(BaseModel):
    """All entries, each folder before what is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    version: str
    made: str
    chair_id: str
    entries: tuple[BackupEntry, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that it has."""
        return tuple(dict.fromkeys(entry.part for entry in self.entries))

    @classmethod
    def parse(cls, text: bytes, file: Path) -> Self:
        """Reads and checks one.

        Raises:
            InputError: it is damaged, of a newer version, or names a place that is not a part's.
        """
        try:
            told = json.loads(text)
            _refuse_newer(told, file)
            manifest = cls.model_validate(told)
        except (ValueError, TypeError, KeyError, ValidationError):
            raise damaged(file, "its manifest cannot be read") from None
        folders: set[str] = set()
        seen: set[str] = set()
        for entry in manifest.entries:
            if not _is_in_place(entry, folders) or entry.name in seen:
                raise damaged(file, f"'{entry.name[:80]}' has no place in it")
            seen.add(entry.name)
            folders |= {entry.name} if entry.kind is EntryKind.FOLDER else set()
        return manifest


def damaged(file: Path, why: str) -> InputError:
    """What is said of a backup that cannot be used."""
    return InputError(f"{file}: is no whole backup, {why}: nothing was written; take another copy")


def _refuse_newer(told: Mapping[str, Any], file: Path) -> None:
    if int(told["format"]) > FORMAT or parts_of(told["version"]) > parts_of(own_version()):
        raise InputError(
            f"{file}: was made by {told['version']}, which is newer than this {own_version()}:"
            " update this device first; nothing was written"
        )


def parts_of(text: str) -> tuple[int, ...]:
    """Of a version, to be compared with those of another."""
    return tuple(int(part) for part in text.split("."))


def _is_in_place(entry: BackupEntry, folders: set[str]) -> bool:
    path = PurePosixPath(entry.name)
    plain = str(path) == entry.name and not {"..", ""} & set(path.parts) and "\0" not in entry.name
    if not plain or entry.part not in part_names():
        return False
    return entry.name == entry.part or str(path.parent) in folders
