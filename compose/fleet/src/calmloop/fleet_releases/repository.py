"""A fleet's releases as a repository of The Update Framework: signed files, for any web server.

Root and targets are signed by keys that are kept off the network: they say which releases there
are. The centre's key signs what is newest, and `rollout.json` alone: who has that key can choose
among those releases, and can add none. https://theupdateframework.github.io/specification/latest/
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.repository import Repository

from calmloop.base.errors import InputError
from calmloop.base.whole_files import whole_file
from calmloop.contract.fleet_rollout import RELEASE_FILE, RELEASES, ROLLOUT_FILE, release_path
from calmloop.fleet_releases.keys import KEY_OF, ONLINE_KEY, signer_of

ROLLOUT = "rollout"
GOOD_FOR = {
    Root.type: timedelta(days=730),
    Targets.type: timedelta(days=365),
    ROLLOUT: timedelta(days=30),
    Snapshot.type: timedelta(days=30),
    Timestamp.type: timedelta(days=3),
}
"""For so long nobody can keep a halt from a chair by showing it what was signed before."""
NEW: dict[str, Callable[[], Root | Snapshot | Timestamp]] = {
    Root.type: Root,
    Snapshot.type: Snapshot,
    Timestamp.type: Timestamp,
}
METADATA, TARGETS = "metadata", "targets"


class FleetRepository(Repository):
    """A folder with `metadata` and `targets`, in which nothing but `timestamp.json` is replaced."""

    def __init__(self, folder: Path, now: Callable[[], datetime], *keys: Path) -> None:
        """Prepares it.

        Args:
            folder: It.
            now: The time, in UTC.
            keys: Folders with private keys, under the names of `KEY_OF`; those that are needed.
        """
        self._folder, self._now, self._keys = folder, now, keys

    # --- what is done -------------------------------------------------------------------------

    def begin(self) -> Path:
        """Makes an empty one; returns the file that every chair gets: the first root.

        Raises:
            InputError: there is one, or a key is missing.
        """
        if (self._folder / METADATA).exists():
            raise InputError(f"{self._folder / METADATA} is there: name another folder")
        for name in {*KEY_OF.values()}:
            self._newest_key(name)
        with _told():
            self._trust(self._newest_key)
        self.refresh()
        return self._folder / METADATA / "1.root.json"

    def publish(self, version: str, folder: Path, files: Sequence[str], **says: object) -> None:
        """Adds a release, by the key of the targets; chairs see it after `refresh`.

        Args:
            version: Its.
            folder: That has its files.
            files: Their names; one is `RELEASE_FILE`.
            says: What is signed of it beside.

        Raises:
            InputError: its version is there, or the key is missing or another.
            OutputError: it cannot be written.
        """
        start = release_path(version)
        if any(name.startswith(start) for name in self.targets().targets):
            raise InputError(
                f"{version} is in {self._folder}: what was published is never"
                " changed; give the release another version"
            )
        found = {
            start + name: TargetFile.from_file(start + name, str(folder / name), ["sha256"])
            for name in files
        }
        found[start + RELEASE_FILE].unrecognized_fields["custom"] = {"files": list(files), **says}
        for path, target in found.items():
            with (folder / path.removeprefix(start)).open("rb") as content:
                self._put(target, lambda out, content=content: shutil.copyfileobj(content, out))
        with _told(), self.edit_targets() as targets:
            targets.targets.update(found)

    def rollout(self) -> bytes | None:
        """What `rollout.json` says; None: nothing was rolled out."""
        target = self.targets(ROLLOUT).targets.get(ROLLOUT_FILE)
        return self._place(target).read_bytes() if target else None

    def set_rollout(self, content: bytes) -> None:
        """Says another, by the centre's key.

        Raises:
            InputError: the key is missing or another.
            OutputError: it cannot be written.
        """
        target = TargetFile.from_data(ROLLOUT_FILE, content, ["sha256"])
        self._put(target, lambda out: out.write(content))
        with _told(), self.edit_targets(ROLLOUT) as targets:
            targets.targets = {ROLLOUT_FILE: target}
        self.refresh()

    def releases(self) -> list[str]:
        """The versions that were published."""
        end = f"/{RELEASE_FILE}"
        names = (name for name in self.targets().targets if name.endswith(end))
        return [name.removeprefix(RELEASES).removesuffix(end) for name in names]

    def refresh(self) -> None:
        """Signs what is newest, by the centre's key, and anew what has half its time behind it.

        Raises:
            InputError: the key is missing or another.
            OutputError: it cannot be written.
        """
        with _told():
            if self._is_old(ROLLOUT):
                with self.edit_targets(ROLLOUT):
                    pass
            self.do_snapshot(force=self._is_old(Snapshot.type))
            self.do_timestamp(force=self._is_old(Timestamp.type))

    def rotate(self, new: Path) -> None:
        """Has every chair trust other keys from now on: all of them, by the root's old one.

        Args:
            new: Folder of those; one that was made available in `keys`.

        Raises:
            InputError: a key is missing, or the old one is not the root's.
        """
        with _told():
            self._trust(lambda name: signer_of(new / name))
            with self.edit_targets(ROLLOUT):
                pass
            self.do_snapshot(force=True)
            self.do_timestamp(force=True)

    def _trust(self, key: Callable[[str], CryptoSigner]) -> None:
        """Says in root and targets whose signatures count."""
        with self.edit_root() as root:
            for role in root.roles:
                for old in list(root.roles[role].keyids):
                    root.revoke_key(old, role)
                root.add_key(key(KEY_OF[role]).public_key, role)
        online = key(ONLINE_KEY).public_key
        own = DelegatedRole(ROLLOUT, [online.keyid], 1, terminating=True, paths=[ROLLOUT_FILE])
        with self.edit_targets() as targets:
            targets.delegations = Delegations({online.keyid: online}, {ROLLOUT: own})

    # --- what python-tuf's own class asks for ---------------------------------------------------

    def open(self, role: str) -> Metadata[Any]:
        """The newest of a role; one of version 0 where there is none."""
        files = [file for _, file in self._versions(role)]
        if files:
            return Metadata.from_file(str(files[-1]))
        new: Metadata[Any] = Metadata(NEW.get(role, Targets)())
        new.signed.version = 0
        return new

    def close(self, role: str, md: Metadata[Any]) -> None:
        """Signs and writes the next version of a role.

        Raises:
            UnsignedMetadataError: no key that was given counts for it.
            OutputError: it cannot be written.
        """
        md.signed.version += 1
        md.signed.expires = self._now().replace(microsecond=0) + GOOD_FOR[role]
        md.signatures.clear()
        over = [md.signed if role == Root.type else self._delegator(role)]
        if role == Root.type and md.signed.version > 1:
            # Who trusts the version before has to follow.
            over.append(self.root())
        counted = {keyid for one in over for keyid in one.get_delegated_role(role).keyids}
        for signer in self._signers(KEY_OF[role]):
            if signer.public_key.keyid in counted:
                md.sign(signer, append=True)
        for one in over:
            one.verify_delegate(role, md.signed_bytes, md.signatures)
        name = f"{role}.json" if role == Timestamp.type else f"{md.signed.version}.{role}.json"
        with whole_file(self._folder / METADATA / name) as file:
            file.write(md.to_bytes())

    @property
    def targets_infos(self) -> dict[str, MetaFile]:
        """Which versions a snapshot names."""
        return {
            f"{role}.json": MetaFile(self.open(role).signed.version)
            for role in (Targets.type, ROLLOUT)
        }

    @property
    def snapshot_info(self) -> MetaFile:
        """Which version a timestamp names."""
        return MetaFile(self.snapshot().version)

    # --- files ----------------------------------------------------------------------------------

    def _versions(self, role: str) -> list[tuple[int, Path]]:
        folder = self._folder / METADATA
        if role == Timestamp.type:
            return [(0, file) for file in folder.glob("timestamp.json")]
        return sorted(
            (int(number), file)
            for file in folder.glob(f"*.{role}.json")
            if (number := file.name.partition(".")[0]).isdecimal()
        )

    def _delegator(self, role: str) -> Root | Targets:
        return self.targets() if role == ROLLOUT else self.root()

    def _is_old(self, role: str) -> bool:
        signed = self.open(role).signed
        return bool(signed.version == 0 or signed.expires - self._now() < GOOD_FOR[role] / 2)

    def _place(self, target: TargetFile) -> Path:
        """Under a name that has its hash, so that no file is ever another."""
        path = self._folder / TARGETS / target.path
        return path.with_name(f"{target.hashes['sha256']}.{path.name}")

    def _put(self, target: TargetFile, write: Callable[..., object]) -> None:
        with whole_file(self._place(target)) as out:
            write(out)

    def _signers(self, name: str) -> Iterator[CryptoSigner]:
        return (signer_of(folder / name) for folder in self._keys if (folder / name).exists())

    def _newest_key(self, name: str) -> CryptoSigner:
        return signer_of(self._keys[-1] / name)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except UnsignedMetadataError as error:
        raise InputError(
            f"{error}: the key that was given is not the repository's own; nothing was signed"
        ) from None
    except RepositoryError as error:
        raise InputError(f"the repository cannot be read: {error}: copy it again") from None
