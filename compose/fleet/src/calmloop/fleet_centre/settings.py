"""Settings of what is served at the centre; what is secret comes from files."""

from ipaddress import IPv4Address
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from calmloop.base.errors import ConfigurationError

BROKER_FILE = "Holds http://user:password@broker:15672; of each node, one a line."


class ServedSettings(BaseSettings):
    """What all that serves HTTPS here needs."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    postgres_file: Path = Field(description="Holds postgresql://user:password@host/database.")
    address: IPv4Address = Field(IPv4Address("127.0.0.1"), description="Where it listens.")
    tls_certificate_file: Path = Field(description="The server's, PEM.")
    tls_key_file: Path = Field(description="The key of it.")

    def postgres(self) -> str:
        """Where the database is."""
        return self.postgres_file.read_text(encoding="utf-8").strip()


class CentreSettings(ServedSettings):
    """Variables that begin with FLEET_CENTRE_."""

    model_config = SettingsConfigDict(
        env_prefix="FLEET_CENTRE_", frozen=True, hide_input_in_errors=True
    )

    port: int = Field(8471, ge=0, le=65535, description="For devices; 0: any that is free.")
    authority_file: Path = Field(description="The fleet's authority, PEM.")
    authority_key_file: Path = Field(description="Its key: who has it makes chairs.")
    broker_file: Path = Field(description=BROKER_FILE)

    def broker(self) -> list[str]:
        """Where the management of the broker's nodes is.

        Raises:
            OSError: the file cannot be read.
            ConfigurationError: it is empty.
        """
        if not (nodes := self.broker_file.read_text(encoding="utf-8").split()):
            raise ConfigurationError(f"{self.broker_file} is empty: {BROKER_FILE}")
        return nodes
