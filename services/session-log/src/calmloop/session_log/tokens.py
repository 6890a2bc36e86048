"""The tokens of the HTTP interface, made where no file of them is named."""

import secrets
from pathlib import Path

from calmloop.base.errors import ConfigurationError
from calmloop.session_log import files
from calmloop.session_log.settings import SessionLogSection, read_token

READ_FILE, WRITE_FILE, OUTBOX_FILE = "read.token", "write.token", "outbox.token"
TOKEN_BYTES = 24


def access_tokens(section: SessionLogSection) -> tuple[str, str]:
    """The token that reads, and the one that writes as well.

    Raises:
        ConfigurationError: a file cannot be read or made.
    """
    return (
        _token(section.read_token_file, "read_token_file", section.data_dir / READ_FILE),
        _token(section.write_token_file, "write_token_file", section.data_dir / WRITE_FILE),
    )


def outbox_token(section: SessionLogSection) -> str:
    """The token that takes from the outbox; empty where nothing leaves.

    Raises:
        ConfigurationError: its file cannot be read or made.
    """
    if not section.outbox:
        return ""
    own = section.data_dir / OUTBOX_FILE
    return _token(section.outbox_token_file, "outbox_token_file", own)


def _token(named: Path | None, key: str, own: Path) -> str:
    if named is None and not own.exists():
        try:
            files.make_folder(own.parent)
            files.write(own, secrets.token_hex(TOKEN_BYTES).encode())
        except OSError as error:
            raise ConfigurationError(
                f"session_log.data_dir: {own} cannot be written ({error.strerror}): check the"
                " folder, or name a file of the token"
            ) from error
    return read_token(named or own, f"session_log.{key}")
