"""The scenarios that a caregiver may choose among."""

from pydantic import Field

from calmloop.contract.messages.base import Part, ServiceMessage


class ScenarioShown(Part):
    """One scenario, as a page shows it."""

    name: str
    title: str
    titles: dict[str, str] = Field(
        default_factory=dict, description="In other languages, by ISO 639-1."
    )
    description: str = ""
    purpose: str = ""
    contraindications: tuple[str, ...] = Field((), description="By code, or in words.")
    minutes: float = Field(0.0, ge=0.0, description="Of all its phases.")
    icon: str = Field("", description="SVG; empty where there is none, or no room for it.")


class ScenarioListState(ServiceMessage):
    """Retained; written when scenario-selector starts."""

    scenarios: list[ScenarioShown] = Field(default_factory=list)
    contraindications: dict[str, str] = Field(
        default_factory=dict, description="What each code stands for, in English."
    )
