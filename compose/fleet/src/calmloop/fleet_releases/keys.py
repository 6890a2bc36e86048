"""The private keys of a fleet's repository: who has which may sign what."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner

from calmloop.base.errors import InputError
from calmloop.base.whole_files import make_folder, whole_file

ROOT_KEY, TARGETS_KEY, ONLINE_KEY = "root.pem", "targets.pem", "online.pem"
KEY_OF = {
    "root": ROOT_KEY,
    "targets": TARGETS_KEY,
    "snapshot": ONLINE_KEY,
    "timestamp": ONLINE_KEY,
    "rollout": ONLINE_KEY,
}


def make_keys(folder: Path) -> None:
    """Makes the three private keys of a repository, readable by this user alone.

    Raises:
        InputError: there is one.
        OutputError: they cannot be written.
    """
    make_folder(folder)
    for name in dict.fromkeys(KEY_OF.values()):
        if (folder / name).exists():
            raise InputError(f"{folder / name} is there: name another folder for new keys")
    for name in dict.fromkeys(KEY_OF.values()):
        with whole_file(folder / name) as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(CryptoSigner.generate_ed25519().private_bytes)


def signer_of(file: Path) -> CryptoSigner:
    """Signs by a private key.

    Raises:
        InputError: it is none.
    """
    try:
        return CryptoSigner(load_pem_private_key(file.read_bytes(), None))
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"{file}: cannot be used ({error}): `calmloop fleet repository init` makes keys"
        ) from None
