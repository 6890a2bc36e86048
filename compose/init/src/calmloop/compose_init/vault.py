"""What only the init service knows: every password, and the authority's key.

The vault is a volume that no other container mounts. What is missing in it is made; what is
there is kept, so that running again changes nothing.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from calmloop.base.errors import ConfigurationError
from calmloop.compose_init import files
from calmloop.compose_init.acl import PROBE
from calmloop.compose_init.certificates import CertificatePair, new_authority, new_server
from calmloop.compose_init.passwords import Credential
from calmloop.contract.topics import Account

ACCOUNTS = (*(account.value for account in Account), PROBE)
SHARE_GROUP_BYTES = 8
LOG_TOKEN_BYTES = 24
REMOVE = "docker compose run --rm --entrypoint sh init -c"
"""How a person removes a file from the vault, which no other container mounts."""


OUTBOX = "outbox"
LOG_TOKENS = ("read", "write", OUTBOX)
"""What the session log's HTTP interface is asked with."""


class _Secrets(BaseModel):
    credentials: dict[str, Credential] = Field(default_factory=dict)
    share_group: str = ""
    log_tokens: dict[str, str] = Field(default_factory=dict)


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

    def log_tokens(self) -> Mapping[str, str]:
        """Tokens of the session log by what they allow, made on first need."""
        known = self._read()
        missing = [name for name in LOG_TOKENS if name not in known.log_tokens]
        if missing:
            known.log_tokens.update({name: secrets.token_hex(LOG_TOKEN_BYTES) for name in missing})
            self._write(known)
        return {name: known.log_tokens[name] for name in LOG_TOKENS}

    def forget(self, account: str) -> None:
        """Has the account get a new password the next time that it is needed."""
        known = self._read()
        known.credentials.pop(account, None)
        self._write(known)

    def authority(self) -> CertificatePair:
        """The device's certificate authority, made on first need.

        Raises:
            ConfigurationError: its files are damaged, and what they held is known to nobody.
        """
        if not any(path.exists() for path in self._paths("ca")):
            return self._save_first("ca", new_authority("Calmloop device"))
        if authority := self._load("ca"):
            return authority
        raise ConfigurationError(
            "vault: ca.crt and ca.key are not a pair: restore both from a backup; or remove both,"
            f" {REMOVE} 'rm -f /vault/ca.*', and have every client trust the new ca.crt"
        )

    def server(self, names: Sequence[str], title: str = "server") -> CertificatePair:
        """A server's certificate; made anew when the names have changed or it is damaged.

        Args:
            names: By which clients call it.
            title: Of its files in the vault: `server` is the broker's.
        """
        server, authority = self._load(title), self.authority()
        if server and server.is_signed_by(authority) and server.names() == frozenset(names):
            return server
        return self._save(title, new_server(authority, names))

    def _paths(self, name: str) -> tuple[Path, Path]:
        return self._folder / f"{name}.crt", self._folder / f"{name}.key"

    def _load(self, name: str) -> CertificatePair | None:
        certificate, key = self._paths(name)
        try:
            identity = CertificatePair(certificate.read_bytes(), key.read_bytes())
        except FileNotFoundError:
            return None
        return identity if identity.is_pair() else None

    def _save(self, name: str, identity: CertificatePair) -> CertificatePair:
        # The key first: a certificate is there only once its key is.
        files.write(self._folder / f"{name}.key", identity.key)
        files.write(self._folder / f"{name}.crt", identity.certificate)
        return identity

    def _save_first(self, name: str, identity: CertificatePair) -> CertificatePair:
        """As `_save` where nothing was; on a full disk nothing is then, not half a pair."""
        try:
            return self._save(name, identity)
        except OSError:
            for path in self._paths(name):
                path.unlink(missing_ok=True)
            raise

    def _read(self) -> _Secrets:
        if not self._file.exists():
            return _Secrets()
        try:
            return _Secrets.model_validate_json(self._file.read_bytes())
        except ValidationError:
            raise ConfigurationError(
                "vault: secrets.json is empty or damaged, and the passwords stand nowhere else:"
                f" restore it from a backup; or remove it, {REMOVE} 'rm /vault/secrets.json', and"
                " give every client its new password"
            ) from None  # its text would quote passwords

    def _write(self, known: _Secrets) -> None:
        files.write(self._file, known.model_dump_json(indent=2).encode())
