"""Settings of the session log."""

from pathlib import Path

from pydantic import Field

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import Section, ServiceSettings
from calmloop.session_log.outbox import OutboxRules

MIN_TOKEN = 16


def _log_dir() -> Path:
    return Path.home() / ".local" / "state" / "calmloop" / "log"


class SessionLogSection(Section):
    """Section `session_log`."""

    data_dir: Path = Field(
        default_factory=_log_dir, description="The database and, beside it, the children's keys."
    )
    http_host: str = Field(
        "127.0.0.1",
        pattern=r"^[0-9a-fA-F.:]+$",
        description="Address that it answers on: loopback, or that of an internal network alone.",
    )
    http_port: int = Field(8470, ge=1, le=65535, description="Where it answers HTTP.")
    read_token_file: Path | None = Field(
        None, description="Who has its content may read; made in data_dir when unset."
    )
    write_token_file: Path | None = Field(
        None, description="The same for reading, entering and erasing."
    )
    keep_days: int = Field(
        365, ge=1, le=36500, description="A session is deleted after so many local days."
    )
    max_size_mb: int = Field(
        1000, ge=10, le=1_000_000, description="Beyond it the oldest samples are thinned."
    )
    min_free_mb: int = Field(
        100, ge=0, le=1_000_000, description="The same where the disk has less room than this."
    )
    outbox: bool = Field(
        False, description="Whether events and sessions in short wait for the centre of a fleet."
    )
    outbox_samples: bool = Field(False, description="Whether samples do, too.")
    outbox_max_waiting: int = Field(
        200_000,
        ge=100,
        le=10_000_000,
        description="Beyond it the oldest do not wait any more: they stay in the log.",
    )
    outbox_token_file: Path | None = Field(
        None, description="Who has its content may take from the outbox; made when unset."
    )

    @property
    def outbox_rules(self) -> OutboxRules:
        """What leaves, and how much may wait."""
        return OutboxRules(self.outbox, self.outbox_samples, self.outbox_max_waiting)


class Settings(ServiceSettings):
    """All settings of the service."""

    session_log: SessionLogSection = SessionLogSection()

    def check_files(self) -> None:
        """Reads the tokens, where their files are set.

        Raises:
            ConfigurationError: one cannot be read, or is too short.
        """
        section = self.session_log
        for key in ("read_token_file", "write_token_file", "outbox_token_file"):
            path: Path | None = getattr(section, key)
            if path is not None:
                read_token(path, f"session_log.{key}")


def read_token(path: Path, key: str) -> str:
    """The token in a file.

    Raises:
        ConfigurationError: it cannot be read, or is too short.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigurationError(
            f"{key}: {path} cannot be read ({why}): check the path, and that this user may read it"
        ) from None
    if len(token) < MIN_TOKEN:
        raise ConfigurationError(
            f"{key}: {path} holds {len(token)} characters: a token has {MIN_TOKEN} at least"
        )
    return token
