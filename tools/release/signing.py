"""Digests of all that is in a release, and a signature of them."""

import hashlib
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from calmloop.device.bundle import SIGNATURE, SUMS
from tools.release.errors import CannotReleaseError

__all__ = ["SIGNATURE", "SUMS", "load_key", "sha256", "sign", "write_sums"]


def sha256(file: Path) -> str:
    """In hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write_sums(folder: Path) -> Path:
    """Writes what `sha256sum --check` reads, of every file in the folder."""
    files = sorted(path for path in folder.iterdir() if path.name not in (SUMS, SIGNATURE))
    sums = folder / SUMS
    sums.write_text("".join(f"{sha256(file)}  {file.name}\n" for file in files))
    return sums


def load_key(path: Path) -> Ed25519PrivateKey:
    """A private key as `openssl genpkey -algorithm ed25519` writes it.

    Raises:
        CannotReleaseError: it is none, or needs a passphrase.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CannotReleaseError(f"{path}: cannot be used ({error}): {HOW}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotReleaseError(f"{path}: is no key of Ed25519: {HOW}")
    return key


HOW = "make one by `openssl genpkey -algorithm ed25519 -out FILE`, and keep it off this machine"


def sign(sums: Path, key: Ed25519PrivateKey) -> None:
    """Signs the digests; as a signature of Ed25519 it is the same each time."""
    sums.with_name(SIGNATURE).write_bytes(key.sign(sums.read_bytes()))
