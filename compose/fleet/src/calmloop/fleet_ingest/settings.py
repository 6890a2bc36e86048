"""Settings of a worker at the centre; what is secret comes from files."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

AMQP_FILE = "Holds amqps://user:password@broker:5671/%2F; of each node, one a line."


class IngestSettings(BaseSettings):
    """Variables that begin with FLEET_INGEST_."""

    model_config = SettingsConfigDict(
        env_prefix="FLEET_INGEST_", frozen=True, hide_input_in_errors=True
    )

    amqp_file: Path = Field(description=AMQP_FILE)
    postgres_file: Path = Field(description="Holds postgresql://user:password@host/database.")

    def amqp(self) -> list[str]:
        """Where the broker's nodes are.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is empty.
        """
        if not (nodes := self.amqp_file.read_text(encoding="utf-8").split()):
            raise ValueError(f"{self.amqp_file} is empty: {AMQP_FILE}")
        return nodes

    def postgres(self) -> str:
        """Where the database is."""
        return self.postgres_file.read_text(encoding="utf-8").strip()
