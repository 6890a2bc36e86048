"""Settings of the caregiver's console."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from calmloop.base.settings import Section, ServiceSettings


def _state_dir() -> Path:
    return Path.home() / ".local" / "state" / "calmloop" / "console"


class CaregiverConsoleSection(Section):
    """Section `caregiver_console`."""

    address: str = Field(
        "127.0.0.1", min_length=1, max_length=64, description="Of this host, to listen on."
    )
    port: int = Field(8480, ge=1, le=65535, description="To listen on.")
    names: str = Field(
        "",
        max_length=1000,
        description="Under which browsers may ask, beside addresses and localhost; commas between.",
    )
    tls_certificate_file: Path | None = Field(
        None, description="PEM, with the chain; its presence turns on TLS."
    )
    tls_key_file: Path | None = Field(None, description="PEM: the certificate's key.")
    tls_authority_file: Path | None = Field(
        None, description="PEM: what a tablet has to trust; handed out at /ca.crt."
    )
    page_dir: Path | None = Field(
        None, description="The built pages; by default those of this checkout or of the image."
    )
    data_dir: Path = Field(
        default_factory=_state_dir, description="Who may log in, and what they did."
    )
    log_host: str | None = Field(
        None, pattern=r"^[A-Za-z0-9.:-]{1,255}$", description="The session-log's; none without one."
    )
    log_port: int = Field(8470, ge=1, le=65535, description="The session-log's.")
    log_read_token_file: Path | None = Field(
        None, description="Holds the session-log's token for reading."
    )
    log_write_token_file: Path | None = Field(
        None, description="The same for what people do and enter."
    )
    report_python: Path | None = Field(
        None,
        description="The Python that has calmloop-report and what renders; by default that of the"
        " image, else this one.",
    )
    shadow_agreement: float = Field(
        0.7,
        ge=0.0,
        le=1.0,
        description="Share of faces of which a shadow classifier that does not drift says the same"
        " as the classifier.",
    )
    webhook_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]{1,500}$",
        description="Where alarms that nobody acknowledges are told, as ntfy takes them.",
    )
    webhook_token_file: Path | None = Field(None, description="Its bearer token, if it needs one.")

    @property
    def host_names(self) -> frozenset[str]:
        """The same, each by itself."""
        return frozenset(name.strip() for name in self.names.split(",") if name.strip())

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file need each other: name both")
        if self.log_host and not (self.log_read_token_file and self.log_write_token_file):
            raise ValueError("log_host needs log_read_token_file and log_write_token_file")
        return self


class Settings(ServiceSettings):
    """All settings of this service."""

    caregiver_console: CaregiverConsoleSection = CaregiverConsoleSection()
