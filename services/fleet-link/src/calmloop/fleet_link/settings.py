"""Settings of the link to the centre of a fleet."""

from pathlib import Path

from pydantic import Field

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import Section, ServiceSettings

FILES = ("log_token_file", "authority_file", "certificate_file", "key_file")


class FleetLinkSection(Section):
    """Section `fleet_link`."""

    centre_host: str = Field(
        "",
        max_length=253,
        pattern=r"^[^/@?#\s]*$",
        description="The centre's broker, as its certificate names it; empty: nothing is sent.",
    )
    centre_port: int = Field(8883, ge=1, le=65535, description="Its port for MQTT over TLS.")
    renewal_port: int = Field(
        8471, ge=0, le=65535, description="Where it renews certificates; 0: it does not."
    )
    authority_file: Path | None = Field(None, description="Whose certificate the broker has.")
    certificate_file: Path | None = Field(
        None, description="The device's own; its common name is the chair's in the fleet."
    )
    key_file: Path | None = Field(None, description="The key of it.")
    log_host: str = Field(
        "127.0.0.1", min_length=1, pattern=r"^[^/@?#\s]*$", description="The session log's."
    )
    log_port: int = Field(8470, ge=1, le=65535, description="Where it answers HTTP.")
    log_token_file: Path | None = Field(None, description="The session log's `outbox.token`.")


class Settings(ServiceSettings):
    """All settings of the service."""

    fleet_link: FleetLinkSection = FleetLinkSection()

    def check_files(self) -> None:
        """Reads the files, where anything is to be sent.

        Raises:
            ConfigurationError: one is not named, or cannot be read.
        """
        if self.fleet_link.centre_host:
            for key in FILES:
                read_file(getattr(self.fleet_link, key), f"fleet_link.{key}")


def read_file(path: Path | None, key: str) -> bytes:
    """What a file holds.

    Raises:
        ConfigurationError: it is not named, or cannot be read.
    """
    if path is None:
        raise ConfigurationError(f"{key}: is needed with fleet_link.centre_host: name the file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{key}: {path} cannot be read ({error.strerror}): check the path, and that this user"
            " may read it"
        ) from None
