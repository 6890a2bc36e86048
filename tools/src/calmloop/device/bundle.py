"""A release as `make release` makes it: all of it is checked before anything is taken from it."""

import hashlib
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmloop.base.errors import InputError
from calmloop.base.whole_files import written
from calmloop.contract.fleet_rollout import RELEASE_FILE

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
COMPOSE = "compose/"
"""What a device has of the Compose archive."""
FIRMWARE = "firmware.hex"
"""The name that the chair's firmware has in the deployment's folder."""
COPY_AGAIN = "copy the whole folder of the release again; nothing was done"
_SUM = re.compile(r"([0-9a-f]{64})  ([\w.-]+)")


class BundledFirmware(BaseModel):
    """The chair's firmware that a release was made with."""

    model_config = ConfigDict(frozen=True)

    file: str
    version: str
    sha256: str
    cap_hash: str = ""


class BundledImages(BaseModel):
    """An archive for `docker load`, and the tag that all of Calmloop's images in it have."""

    model_config = ConfigDict(frozen=True)

    file: str
    tag: str = Field(pattern=r"^[\w][\w.-]{0,127}$")


class ReleaseAbout(BaseModel):
    """What `release.json` says, as far as a device asks."""

    model_config = ConfigDict(frozen=True)

    version: str = Field(pattern=r"^\d+(\.\d+)*$")
    commit: str
    compose: str
    firmware: BundledFirmware
    images: BundledImages | None = None

    @property
    def tag(self) -> str:
        """Of the images that it runs on, whether it brings them or not."""
        return self.images.tag if self.images else self.version

    @property
    def files(self) -> tuple[str, ...]:
        """Those that a device takes."""
        images = (self.images.file,) if self.images else ()
        return (self.compose, self.firmware.file, *images)

    def __str__(self) -> str:
        """As people are told of it."""
        tag = "" if self.tag == self.version else f", images {self.tag}"
        return f"{self.version} ({self.commit[:12]}{tag})"

    @classmethod
    def read(cls, file: Path) -> Self:
        """Reads one.

        Raises:
            InputError: it is none.
            FileNotFoundError: it is not there.
        """
        try:
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise InputError(
                f"{file}: says no release that this program knows ('{where}'):"
                " take one of this version's `make release`; nothing was done"
            ) from None


@dataclass(frozen=True)
class Bundle:
    """A release whose files are all what its digests say.

    Attributes:
        folder: That has them.
        about: What it is.
        key: By which its digests are signed; None: nobody asked.
        files: The names of all that belongs to it.
    """

    folder: Path
    about: ReleaseAbout
    key: Path | None
    files: tuple[str, ...]

    @classmethod
    def open(cls, folder: Path, key: Path | None) -> Self:
        """Checks every file, and writes nothing.

        Raises:
            InputError: a file is missing or another than the digests say, these are not signed by
                the key, or a file that a device needs has no digest.
        """
        try:
            sums = (folder / SUMS).read_bytes()
            if key is not None:
                _check_signature(sums, folder / SIGNATURE, key)
            listed = _listed(sums, folder / SUMS)
            for name, digest in listed.items():
                _check(folder / name, digest)
            about = ReleaseAbout.read(folder / RELEASE_FILE)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise InputError(f"{error.filename} is not there: {COPY_AGAIN}") from None
        for name in (RELEASE_FILE, *about.files):
            if name not in listed:
                raise InputError(f"{folder / SUMS} has no digest of {name}: {COPY_AGAIN}")
        signed = (SIGNATURE,) if (folder / SIGNATURE).exists() else ()
        return cls(folder, about, key, (*listed, SUMS, *signed))

    def unpack(self, to: Path) -> None:
        """Puts what a device has of it into a folder, over what is there.

        Raises:
            InputError: the archive has something that has no place there.
            OutputError: it cannot be written.
        """
        names = {
            RELEASE_FILE: self.folder / RELEASE_FILE,
            FIRMWARE: self.folder / self.about.firmware.file,
        }
        with written(to):
            for name, file in names.items():
                _put(to / name, file.read_bytes(), 0o644)
        archive = self.folder / self.about.compose
        start = f"calmloop-{self.about.version}/{COMPOSE}"
        with written(to), tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                if not member.name.startswith(start):
                    continue
                name = member.name.removeprefix(start)
                path = PurePosixPath(name)
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or str(path) != name or ".." in path.parts or not path.parts:
                    raise InputError(f"{archive}: '{member.name}' has no place on a device")
                _put(to / path, content.read(), member.mode & 0o755)

    @property
    def signed(self) -> str:
        """What was checked of its signature."""
        return f"signed by {self.key}" if self.key else "its signature was not checked: no key"


def _put(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # What stood there may be another's link.
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def _listed(sums: bytes, file: Path) -> dict[str, str]:
    lines = sums.decode(errors="replace").splitlines()
    found = [_SUM.fullmatch(line) for line in lines]
    if not found or None in found:
        raise InputError(f"{file}: is no list of `sha256sum`: {COPY_AGAIN}")
    return {match[2]: match[1] for match in found if match}


def _check(file: Path, digest: str) -> None:
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != digest:
        raise InputError(
            f"{file}: its SHA-256 is {found[:16]}…, and {SUMS} says {digest[:16]}…: {COPY_AGAIN}"
        )


def _check_signature(sums: bytes, file: Path, key: Path) -> None:
    try:
        public = load_pem_public_key(key.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{key}: cannot be used ({error}): {HOW}") from None
    if not isinstance(public, Ed25519PublicKey):
        raise InputError(f"{key}: is no public key of Ed25519: {HOW}")
    if not file.exists():
        raise InputError(
            f"{file} is not there, and {key} asks for it: take a release that was made with"
            " --key; nothing was done"
        )
    try:
        public.verify(file.read_bytes(), sums)
    except InvalidSignature:
        raise InputError(
            f"{file}: is not by the key of {key}: ask who made the release; nothing was done"
        ) from None


HOW = "make it by `openssl pkey -in PRIVATE -pubout -out FILE`; nothing was done"
