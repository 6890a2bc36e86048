"""The service's settings; what keeps a child safe stands in `limits` instead."""

import os
from datetime import tzinfo
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, model_validator

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import Section, ServiceSettings
from calmloop.scenario_selector import profiles, scenario
from calmloop.scenario_selector.intensity import Steps
from calmloop.scenario_selector.plan import Tuning

ZONE_VARIABLE = "TZ"


def _state_dir() -> Path:
    return Path.home() / ".local" / "state" / "calmloop"


class ScenarioSelectorSection(Section):
    """Section `scenario_selector`."""

    data_dir: Path = Field(
        default_factory=_state_dir, description="Profiles, doses, what was learned."
    )
    scenarios_dir: Path | None = Field(None, description="Further scenarios, as YAML files.")
    baseline_s: float = Field(
        30.0, ge=2.0, le=60.0, description="Measures the child's neutral; below 30 for tests only."
    )
    cycle_s: float = Field(5.0, ge=2.0, le=15.0, description="Length of a cycle and its window.")
    start_pct: float = Field(20.0, ge=5.0, le=30.0, description="Intensity of a start.")
    step_up_pct: float = Field(5.0, ge=1.0, le=10.0, description="Of the intensity, at a time.")
    step_down_pct: float = Field(10.0, ge=2.0, le=50.0, description="The same; more than step_up.")
    min_dwell_s: float = Field(
        120.0, ge=30.0, le=1800.0, description="A scenario plays at least this long."
    )
    warm_up_s: float = Field(
        60.0,
        ge=0.0,
        le=300.0,
        description="From zero to the level of a start, and back at the planned end; below 30 for"
        " tests only.",
    )
    seed: int | None = Field(None, description="Makes the choice of scenarios repeatable.")

    @model_validator(mode="after")
    def _falls_faster_than_it_rises(self) -> Self:
        if self.step_down_pct <= self.step_up_pct:
            raise ValueError(
                f"step_down_pct = {self.step_down_pct:g} must be larger than"
                f" step_up_pct = {self.step_up_pct:g}"
            )
        return self

    @property
    def tuning(self) -> Tuning:
        """The same as the engine takes it."""
        steps = Steps(self.start_pct, self.step_up_pct, self.step_down_pct)
        return Tuning(self.baseline_s, self.cycle_s, self.min_dwell_s, self.warm_up_s, steps)


class Settings(ServiceSettings):
    """All settings of this service."""

    scenario_selector: ScenarioSelectorSection = ScenarioSelectorSection()

    def check_files(self) -> None:
        """Reads the scenarios, as the service does at its start, and the children's profiles.

        Raises:
            ConfigurationError: names file, line, key, value and bound, one line for each fault.
        """
        section = self.scenario_selector
        library = scenario.load(section.scenarios_dir)
        profiles.check_all(section.data_dir, library)


def zone_of_environment() -> tzinfo | None:
    """The zone that TZ names; None for the system's own.

    Raises:
        ConfigurationError: TZ names no zone that is known here, which the system would take for
            UTC without a word.
    """
    name = os.environ.get(ZONE_VARIABLE, "").removeprefix(":")
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"environment: {ZONE_VARIABLE} = {name[:80]!r}: no time zone of this name is known"
            " here: write one such as Europe/Riga or America/New_York"
        ) from None
