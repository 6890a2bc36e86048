"""Volumes and a folder as a device has them, and a look at all that is in them."""

import json
import os
import stat
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from calmloop.device.archive import write_archive
from calmloop.device.deployment import Deployment
from calmloop.device.kept import places
from calmloop.device.machine import Machine
from calmloop.device.manifest import MANIFEST
from calmloop.device.restoring import JOURNAL, restore

OWNER = 10004 if os.geteuid() == 0 else os.geteuid()
CONTENTS = {
    "volumes/calmloop_vault/_data/secrets.json": (b'{"credentials": {}}', 0o400),
    "volumes/calmloop_profiles/_data/profiles/c7.yaml": (b"ceiling_pct: 40\n", 0o600),
    "volumes/calmloop_profiles/_data/records/c7.json": (b"{}", 0o640),
    "volumes/calmloop_log/_data/log.sqlite": (bytes(range(256)) * 4096, 0o600),
    "volumes/calmloop_console/_data/people.json": (b"[]", 0o600),
    "compose/.env": (b"TZ=Europe/Riga\n", 0o640),
    "compose/calmloop.yaml": (b"use_context: home\n", 0o644),
    "compose/scenarios/mine.yaml": (b"title: Mine\n", 0o644),
}
Tree = dict[str, tuple[int, int, int, bytes]]


class BackedDevice:
    """A device whose volumes are below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.volumes, self.compose = folder / "volumes", folder / "compose"
        for name, (content, mode) in CONTENTS.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(mode)
            if name.startswith("volumes/calmloop_profiles"):
                os.chown(path, OWNER, OWNER)
        (self.compose / "compose.yaml").write_text("name: ${CALMLOOP_CHAIR_ID:-chair-1}\n")

    @property
    def places(self) -> dict[str, Path]:
        """Where each part is."""
        deployment = Deployment.read(self.compose, environment={})
        return places(Machine(), deployment, self.volumes)

    @property
    def journal(self) -> Path:
        """Of what is under way."""
        return self.compose / JOURNAL

    def back_up(self, file: Path) -> Path:
        """Copies all of it into a file."""
        write_archive(file, self.places, "chair-1")
        return file

    def restore(self, file: Path) -> list[Path]:
        """Brings it back; returns where the old is."""
        return list(restore(file, self.places, self.journal).aside)

    def change(self) -> None:
        """What happens to a chair after a backup."""
        (self.volumes / "calmloop_profiles/_data/profiles/c7.yaml").write_bytes(b"ceiling_pct: 5\n")
        (self.volumes / "calmloop_profiles/_data/profiles/new.yaml").write_bytes(b"{}\n")
        (self.volumes / "calmloop_log/_data/log.sqlite").unlink()
        (self.compose / ".env").write_bytes(b"TZ=UTC\n")


def seen(folder: Path) -> Tree:
    """Mode, owners and bytes of all that is there, without what is kept of before."""
    return {
        str(path.relative_to(folder)): _about(path)
        for path in sorted(folder.rglob("*"))
        if ".before-" not in str(path)
    }


def _about(path: Path) -> tuple[int, int, int, bytes]:
    about = path.lstat()
    content = path.read_bytes() if stat.S_ISREG(about.st_mode) else b""
    return about.st_mode, about.st_uid, about.st_gid, content


def rewritten(
    file: Path,
    to: Path,
    manifest: Callable[[dict[str, Any]], object] = lambda _: None,
    member: Callable[[tarfile.TarInfo], object] = lambda _: None,
) -> Path:
    """A backup with another manifest, or with other members behind it."""
    with tarfile.open(file) as old, tarfile.open(to, "w:gz") as new:
        for info in old:
            held = old.extractfile(info)
            content = held.read() if held else b""
            if info.name == MANIFEST:
                told = json.loads(content)
                manifest(told)
                content = json.dumps(told).encode()
            else:
                member(info)
            info.size = len(content)
            new.addfile(info, BytesIO(content))
    return to
