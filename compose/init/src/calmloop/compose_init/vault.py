"""What only the init service knows: every password, and the authority's key.

The vault is a volume that no other container mounts. What is missing in it is made; what is
there is kept, so that running again changes nothing.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from calmloop.compose_init import files
from calmloop.compose_init.acl import PROBE
from calmloop.compose_init.certificates import Identity, new_authority, new_server
from calmloop.compose_init.passwords import Credential
from calmloop.topics import Account

ACCOUNTS = (*(account.value for account in Account), PROBE)
SHARE_GROUP_BYTES = 8


class _Secrets(BaseModel):
    credentials: dict[str, Credential] = Field(default_factory=dict)
    share_group: str = ""


class Vault:
    """The init service's own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "secrets.json"

    def credentials(self) -> Mapping[str, Credential]:
        """One credential for each account, made on first need."""
        known = self._read()
        missing = [name for name in ACCOUNTS if name not in known.credentials]
        if missing:
            known.credentials.update({name: Credential.new() for name in missing})
            self._write(known)
        return {name: known.credentials[name] for name in ACCOUNTS}

    def share_group(self) -> str:
        """Name of the classifiers' share group: who knows it could swallow half the crops."""
        known = self._read()
        if not known.share_group:
            known.share_group = secrets.token_hex(SHARE_GROUP_BYTES)
            self._write(known)
        return known.share_group

    def forget(self, account: str) -> None:
        """Has the account get a new password the next time that it is needed."""
        known = self._read()
        known.credentials.pop(account, None)
        self._write(known)

    def authority(self) -> Identity:
        """The device's certificate authority, made on first need."""
        return self._load("ca") or self._save("ca", new_authority("Calmloop device"))

    def server(self, names: Sequence[str]) -> Identity:
        """The broker's certificate; made anew when the names have changed."""
        server = self._load("server")
        if server and server.names() == frozenset(names):
            return server
        return self._save("server", new_server(self.authority(), names))

    def _load(self, name: str) -> Identity | None:
        certificate, key = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        if not certificate.exists():
            return None
        return Identity(certificate.read_bytes(), key.read_bytes())

    def _save(self, name: str, identity: Identity) -> Identity:
        # The key first: a certificate is there only once its key is.
        files.write(self._folder / f"{name}.key", identity.key)
        files.write(self._folder / f"{name}.crt", identity.certificate)
        return identity

    def _read(self) -> _Secrets:
        if not self._file.exists():
            return _Secrets()
        return _Secrets.model_validate_json(self._file.read_bytes())

    def _write(self, known: _Secrets) -> None:
        files.write(self._file, known.model_dump_json(indent=2).encode())
