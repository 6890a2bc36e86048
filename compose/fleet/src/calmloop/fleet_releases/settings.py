"""Settings of who decides on rollouts; what is secret comes from files."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from calmloop.fleet_releases.keys import ONLINE_KEY


class ReleasesSettings(BaseSettings):
    """Variables that begin with FLEET_RELEASES_."""

    model_config = SettingsConfigDict(
        env_prefix="FLEET_RELEASES_", frozen=True, hide_input_in_errors=True
    )

    postgres_file: Path = Field(description="Holds postgresql://user:password@host/database.")
    repository: Path = Field(description="Folder of the fleet's releases.")
    keys: Path = Field(description=f"Folder with the centre's key, {ONLINE_KEY}.")
    judged_file: Path = Field(
        Path("/tmp/judged"),  # a container's own, in memory
        description="Is written anew each time that the rollout was judged.",
    )

    def postgres(self) -> str:
        """Where the database is."""
        return self.postgres_file.read_text(encoding="utf-8").strip()
