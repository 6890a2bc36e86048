"""Settings of what shows Home Assistant the chair."""

from pydantic import Field

from calmloop.base.languages import Language
from calmloop.base.settings import Section, ServiceSettings


class HomeAssistantSection(Section):
    """Section `home_assistant`."""

    shown: bool = Field(
        True, description="False takes the chair out of Home Assistant again, with all it showed."
    )
    language: Language = Field(Language.EN, description="Of the names of what is shown.")
    name: str = Field(
        "", max_length=60, description="Of the chair in the house; empty: Calmloop and its id."
    )
    area: str = Field("", max_length=60, description="The room that is suggested for it.")


class Settings(ServiceSettings):
    """All settings of the service."""

    home_assistant: HomeAssistantSection = HomeAssistantSection()
