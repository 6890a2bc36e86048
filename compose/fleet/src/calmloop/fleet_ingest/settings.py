"""Settings of a worker at the centre; what is secret comes from files."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IngestSettings(BaseSettings):
    """Variables that begin with FLEET_INGEST_."""

    model_config = SettingsConfigDict(
        env_prefix="FLEET_INGEST_", frozen=True, hide_input_in_errors=True
    )

    amqp_file: Path = Field(description="Holds amqps://user:password@broker:5671/%2F.")
    postgres_file: Path = Field(description="Holds postgresql://user:password@host/database.")

    def amqp(self) -> str:
        """Where the broker is."""
        return self.amqp_file.read_text(encoding="utf-8").strip()

    def postgres(self) -> str:
        """Where the database is."""
        return self.postgres_file.read_text(encoding="utf-8").strip()
