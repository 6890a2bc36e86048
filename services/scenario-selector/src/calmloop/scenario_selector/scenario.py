"""Scenarios: what a person wrote, read from YAML and checked before a child meets it.

Levels are proportions: the engine's one intensity multiplies the tracks that follow it.
"""

from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from calmloop.errors import ConfigurationError
from calmloop.messages.base import Percent
from calmloop.messages.session import Name
from calmloop.messages.stimulus import Waveform

LEAST_COOL_SHARE = 0.43
"""Green + blue over red: less is saturated red (WCAG 2.3.1), which the chair would not show."""

LARGEST_FILE_BYTES = 100_000

TrackName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class ScenarioPart(BaseModel):
    """Base of what stands in a scenario file: a typo must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class VibrationTrack(ScenarioPart):
    """A sine in the seat; 30 to 80 Hz as in vibroacoustic practice (Skille: 40 Hz and around)."""

    waveform: Waveform = Waveform.SINE
    frequency_hz: float = Field(ge=30.0, le=80.0)
    level_pct: Percent
    follows_intensity: bool = True


class SoundTrack(ScenarioPart):
    """A track by name; whoever plays it knows the file."""

    track: TrackName
    level_pct: Percent
    follows_intensity: bool = True


class Programme(StrEnum):
    """How the light moves: not at all, swelling like breath, or drifting through its colours."""

    STEADY = "steady"
    BREATHE = "breathe"
    DRIFT = "drift"


class Colour(ScenarioPart):
    """Linear RGB, each as a share of full scale."""

    red_pct: Percent = 0.0
    green_pct: Percent = 0.0
    blue_pct: Percent = 0.0


class LightTrack(ScenarioPart):
    """A colour programme. Light stays as written unless it is told to follow the intensity."""

    programme: Programme = Programme.STEADY
    colours: tuple[Colour, ...] = Field(min_length=1, max_length=12)
    period_s: float = Field(60.0, ge=8.0, le=900.0, description="Of one breath or one round.")
    level_pct: Percent
    follows_intensity: bool = False

    @field_validator("colours")
    @classmethod
    def _not_saturated_red(cls, colours: tuple[Colour, ...]) -> tuple[Colour, ...]:
        for number, colour in enumerate(colours, 1):
            cool_pct = colour.green_pct + colour.blue_pct
            if cool_pct < LEAST_COOL_SHARE * colour.red_pct:
                raise ValueError(
                    f"colour {number} is saturated red: green + blue is {cool_pct:g}, and needs"
                    f" {LEAST_COOL_SHARE:g} x red = {LEAST_COOL_SHARE * colour.red_pct:g}"
                )
        return colours


class ScenarioPhase(ScenarioPart):
    """A stretch of a scenario with its tracks; a missing track is silent or dark."""

    title: str = Field(min_length=1, max_length=80)
    duration_s: float = Field(ge=20.0, le=1800.0)
    vibration: VibrationTrack | None = None
    sound: SoundTrack | None = None
    light: LightTrack | None = None


class Scenario(ScenarioPart):
    """One scenario: what it is, whom it is not for, and its phases."""

    name: Name
    title: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=1000)
    contraindications: tuple[str, ...] = Field(min_length=1)
    phases: tuple[ScenarioPhase, ...] = Field(min_length=1, max_length=20)

    @property
    def duration_s(self) -> float:
        """Length of all phases."""
        return sum(phase.duration_s for phase in self.phases)

    @property
    def strength_pct(self) -> float:
        """Mean level of vibration and sound over its length: tells the gentlest of several."""
        return sum(_strength(phase) for phase in self.phases) / self.duration_s


def _strength(phase: ScenarioPhase) -> float:
    tracks = (phase.vibration, phase.sound)
    return phase.duration_s * sum(track.level_pct for track in tracks if track) / len(tracks)


def parse(text: str, place: str) -> Scenario:
    """Reads one scenario.

    Args:
        text: YAML.
        place: File name for messages; its stem is the scenario's name.

    Raises:
        ConfigurationError: names file, key, value and bound, one line for each fault.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{place}: is not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise ConfigurationError(f"{place}: must hold keys and values, as in the README")
    try:
        return Scenario.model_validate({"name": Path(place).stem, **data})
    except ValidationError as error:
        raise ConfigurationError(_explain(error, place)) from error


def load(extra_dir: Path | None = None) -> dict[str, Scenario]:
    """The scenarios that ship with the service and those in `extra_dir`, by name.

    One in `extra_dir` takes the place of a shipped one of the same name.

    Raises:
        ConfigurationError: a file cannot be read or is wrong.
    """
    shipped = files(__package__) / "scenarios"
    texts = {entry.name: entry.read_text() for entry in shipped.iterdir() if _is_yaml(entry.name)}
    scenarios = [parse(text, place) for place, text in sorted(texts.items())]
    if extra_dir is not None:
        scenarios += [parse(_read(path), str(path)) for path in _yaml_files(extra_dir)]
    return {scenario.name: scenario for scenario in scenarios}


def _is_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigurationError(
            f"scenario_selector.scenarios_dir: {folder} is not a folder: create it or unset it"
        )
    return sorted(path for path in folder.iterdir() if _is_yaml(path.name))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ConfigurationError(
                f"{path}: is larger than {LARGEST_FILE_BYTES} bytes: it is no scenario"
            )
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error


def _explain(error: ValidationError, place: str) -> str:
    return "\n".join(
        f"{place}: {_key(fault['loc'])}: {fault['msg']}"
        + ("" if isinstance(fault["input"], dict) else f" (it is {fault['input']!r})")
        for fault in error.errors()
    )


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "file"
