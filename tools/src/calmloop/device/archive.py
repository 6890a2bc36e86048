"""The file of a backup: a compressed tar, the manifest first, then what it names, in its order."""

import gzip
import hashlib
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from calmloop.base.errors import InputError
from calmloop.base.whole_files import whole_file
from calmloop.device.manifest import (
    MANIFEST,
    MAX_MANIFEST_BYTES,
    PERMISSIONS,
    BackupEntry,
    BackupManifest,
    EntryKind,
    damaged,
    own_version,
)

CHUNK = 1 << 20
ONLY_ME = 0o600


def write_archive(file: Path, places: Mapping[str, Path], chair_id: str) -> BackupManifest:
    """Copies every part that is there into one file, readable by this user alone.

    Args:
        file: The backup to be.
        places: Where each part is; one that is not there is left out.
        chair_id: Whose they are.

    Raises:
        InputError: something is neither a file nor a folder, or was changed while it was copied.
        OutputError: it cannot be written.
    """
    manifest = BackupManifest(
        version=own_version(),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        chair_id=chair_id,
        entries=tuple(
            entry for name, path in places.items() if path.exists() for entry in _found(name, path)
        ),
    )
    with whole_file(file) as out:
        os.fchmod(out.fileno(), ONLY_ME)
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            text = manifest.model_dump_json().encode()
            _add(tar, MANIFEST, io.BytesIO(text), len(text))
            for entry in manifest.entries:
                _add_entry(tar, entry, places[entry.part])
    return manifest


def _found(name: str, path: Path) -> Iterator[BackupEntry]:
    """A file or folder, and all that is in it."""
    about = path.lstat()
    common = {
        "name": name,
        "mode": about.st_mode & PERMISSIONS,
        "uid": about.st_uid,
        "gid": about.st_gid,
        "mtime_ns": about.st_mtime_ns,
    }
    if stat.S_ISDIR(about.st_mode):
        yield BackupEntry(kind=EntryKind.FOLDER, **common)
        for below in sorted(path.iterdir()):
            yield from _found(f"{name}/{below.name}", below)
    elif stat.S_ISREG(about.st_mode):
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        yield BackupEntry(kind=EntryKind.FILE, size=about.st_size, sha256=digest, **common)
    else:
        raise InputError(f"{path} is neither a file nor a folder: a backup cannot hold it")


def _add_entry(tar: tarfile.TarFile, entry: BackupEntry, part: Path) -> None:
    if entry.kind is EntryKind.FOLDER:
        member = tarfile.TarInfo(entry.name)
        member.type = tarfile.DIRTYPE
        tar.addfile(member)
        return
    path = part / entry.name.removeprefix(entry.part).lstrip("/")
    with path.open("rb") as content:
        read = _HashedReader(content)
        try:
            _add(tar, entry.name, read, entry.size)
        except OSError as error:
            # tarfile's own, of a file that has become shorter, has no number.
            if error.errno is not None:
                raise
    if read.digest() != entry.sha256:
        raise InputError(f"{path} was changed while it was copied: stop what writes it")


class _HashedReader:
    """Reads on, and hashes what was read."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner, self._hash = inner, hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._inner.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        return self._hash.hexdigest()


def _add(tar: tarfile.TarFile, name: str, content: Any, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = ONLY_ME
    tar.addfile(member, content)


class OpenArchive:
    """A backup whose manifest was read."""

    def __init__(self, tar: tarfile.TarFile, manifest: BackupManifest, file: Path) -> None:
        self.manifest = manifest
        self._tar, self._file = tar, file

    def contents(self) -> Iterator[tuple[BackupEntry, Iterator[bytes]]]:
        """Each entry with its bytes, which have to be read to their end, where they are compared.

        Raises:
            InputError: the file is damaged, or holds other bytes than its manifest says.
        """
        for entry in self.manifest.entries:
            with _readable(self._file):
                member = self._tar.next()
            if member is None or member.name != entry.name or not _fits(member, entry):
                raise damaged(self._file, f"'{entry.name}' is not where it should be")
            yield entry, self._bytes(member, entry)
        with _readable(self._file):
            if self._tar.next() is not None:
                raise damaged(self._file, "it holds more than its manifest says")
            self._read_to_its_end()

    def _read_to_its_end(self) -> None:
        """Where the checksum of all of it is."""
        while self._tar.fileobj is not None and self._tar.fileobj.read(CHUNK):
            pass

    def _bytes(self, member: tarfile.TarInfo, entry: BackupEntry) -> Iterator[bytes]:
        if entry.kind is EntryKind.FOLDER:
            return
        held = hashlib.sha256()
        with _readable(self._file):
            content = self._tar.extractfile(member)
        assert content is not None, "it is a file, as _fits saw"
        while True:
            with _readable(self._file):
                chunk = content.read(CHUNK)
            if not chunk:
                break
            held.update(chunk)
            yield chunk
        if held.hexdigest() != entry.sha256:
            raise damaged(self._file, f"'{entry.name}' is not what it was")


@contextmanager
def open_archive(file: Path) -> Iterator[OpenArchive]:
    """Opens a backup and reads its manifest.

    Raises:
        InputError: it is none, is damaged, or is of a newer version.
    """
    with _readable(file):
        tar = tarfile.open(file, "r:gz")  # noqa: SIM115  # closed below
    with tar:
        with _readable(file):
            first = tar.next()
            if first is None or first.name != MANIFEST or first.size > MAX_MANIFEST_BYTES:
                raise damaged(file, "it does not begin with a manifest")
            content = tar.extractfile(first)
            text = content.read() if content else b""
        yield OpenArchive(tar, BackupManifest.parse(text, file), file)


def _fits(member: tarfile.TarInfo, entry: BackupEntry) -> bool:
    if entry.kind is EntryKind.FOLDER:
        return member.isdir()
    return member.isreg() and not member.issparse() and member.size == entry.size


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{file} is not there: check its name") from None
    except (gzip.BadGzipFile, tarfile.TarError, zlib.error, EOFError, ValueError) as error:
        raise damaged(file, f"it cannot be read ({error})") from None
