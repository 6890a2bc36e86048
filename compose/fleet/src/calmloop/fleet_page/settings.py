"""Settings of the page; what is secret comes from files."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from calmloop.fleet_centre.settings import ServedSettings


class PageSettings(ServedSettings):
    """Variables that begin with FLEET_PAGE_."""

    model_config = SettingsConfigDict(
        env_prefix="FLEET_PAGE_", frozen=True, hide_input_in_errors=True
    )

    port: int = Field(8472, ge=0, le=65535, description="For browsers; 0: any that is free.")
    repository: Path | None = Field(
        None, description="Folder of the fleet's releases, to show what is rolled out."
    )
