"""Scenarios: what a person wrote, read from YAML and checked before a child meets it.

Levels are proportions: the engine's one intensity multiplies the tracks that follow it.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import Field, ValidationError, field_validator, model_validator

from calmloop.base import strict_yaml
from calmloop.base.errors import ConfigurationError
from calmloop.base.languages import Language
from calmloop.base.strict_yaml import Document, FilePart
from calmloop.base.tracks import TrackName
from calmloop.contract.messages.base import Percent
from calmloop.contract.messages.session import Name
from calmloop.contract.messages.stimulus import MAX_VIBRATION_HZ, MIN_VIBRATION_HZ, Waveform
from calmloop.scenario_selector.contraindications import code_of
from calmloop.scenario_selector.pacing import BreathPace, Depth, Follows, Paced, pace_fault

MAX_ICON_BYTES = 20_000
MIN_COOL_SHARE = 0.43
"""Green + blue over red: less is saturated red (WCAG 2.3.1), which the chair would not show."""


class VibrationTrack(FilePart):
    """A sine in the seat; at 40 Hz and around it in vibroacoustic practice (Skille)."""

    waveform: Waveform = Waveform.SINE
    frequency_hz: float = Field(ge=MIN_VIBRATION_HZ, le=MAX_VIBRATION_HZ)
    frequency_follows: Follows | None = None
    level_pct: Percent
    follows_intensity: bool = True
    follows: Follows | None = None
    paced: Paced | None = None
    depth: Depth = 0.5

    @property
    def follows_sound(self) -> bool:
        """Whether anything of it does."""
        return bool(self.follows or self.frequency_follows)

    @model_validator(mode="after")
    def _moves_with_one(self) -> Self:
        _check_moves_with_one(self)
        return self


class SoundTrack(FilePart):
    """A track by name; whoever plays it knows the file."""

    track: TrackName
    level_pct: Percent
    follows_intensity: bool = True
    swells_per_min: float = Field(
        8.0, ge=1.0, le=120.0, description="How fast it moves: what a child likes is learned by it."
    )


class Programme(StrEnum):
    """How the light moves: not at all, swelling like breath, or drifting through its colours."""

    STEADY = "steady"
    BREATHE = "breathe"
    DRIFT = "drift"


class Colour(FilePart):
    """Linear RGB, each as a share of full scale."""

    red_pct: Percent = 0.0
    green_pct: Percent = 0.0
    blue_pct: Percent = 0.0


class LightTrack(FilePart):
    """A colour programme. Light stays as written unless it is set to follow the intensity."""

    programme: Programme = Programme.STEADY
    colours: tuple[Colour, ...] = Field(min_length=1, max_length=12)
    period_s: float = Field(60.0, ge=8.0, le=900.0, description="Of one breath or one round.")
    level_pct: Percent
    follows_intensity: bool = False
    follows: Follows | None = None
    paced: Paced | None = None
    depth: Depth = 0.4

    @model_validator(mode="after")
    def _moves_once(self) -> Self:
        _check_moves_with_one(self)
        if (self.paced or self.follows) and self.programme is Programme.BREATHE:
            moves = "paced: breath" if self.paced else "follows: sound"
            raise ValueError(
                f"{moves} and programme: breathe are two movements: make it steady or drift"
            )
        return self

    @field_validator("colours")
    @classmethod
    def _not_saturated_red(cls, colours: tuple[Colour, ...]) -> tuple[Colour, ...]:
        for number, colour in enumerate(colours, 1):
            cool_pct = colour.green_pct + colour.blue_pct
            if cool_pct < MIN_COOL_SHARE * colour.red_pct:
                raise ValueError(
                    f"colour {number} is saturated red: green + blue is {cool_pct:g}, and needs"
                    f" {MIN_COOL_SHARE:g} x red = {MIN_COOL_SHARE * colour.red_pct:g}"
                )
        return colours


def _check_moves_with_one(track: VibrationTrack | LightTrack) -> None:
    if track.follows and track.paced:
        raise ValueError("follows: sound and paced: breath: a track moves with one of them")


class ScenarioPhase(FilePart):
    """A stretch of a scenario with its tracks; a missing track is silent or dark."""

    title: str = Field(min_length=1, max_length=80)
    duration_s: float = Field(ge=20.0, le=1800.0)
    vibration: VibrationTrack | None = None
    sound: SoundTrack | None = None
    light: LightTrack | None = None
    pace: BreathPace | None = None

    @model_validator(mode="after")
    def _moves_as_one(self) -> Self:
        vibration, light = self.vibration, self.light
        paced = bool((vibration and vibration.paced) or (light and light.paced))
        follows = bool((vibration and vibration.follows_sound) or (light and light.follows))
        track = self.sound.track if self.sound else None
        if fault := pace_fault(self.pace, track, paced=paced, follows=follows):
            raise ValueError(fault)
        return self


Title = Annotated[str, Field(min_length=1, max_length=80)]


class Scenario(FilePart):
    """One scenario: what it is, what and whom it is for and not for, and its phases."""

    name: Name
    title: Title
    titles: dict[Language, Title] = Field({}, description="The title in other languages.")
    description: str = Field(min_length=1, max_length=1000)
    purpose: str = Field("", max_length=200, description="What for, in a few words.")
    contraindications: tuple[str, ...] = Field(min_length=1)
    phases: tuple[ScenarioPhase, ...] = Field(min_length=1, max_length=20)

    @field_validator("titles")
    @classmethod
    def _beside_english(cls, titles: dict[Language, Title]) -> dict[Language, Title]:
        if Language.EN in titles:
            raise ValueError("'en' stands in titles: the English one is the title itself")
        return titles

    @field_validator("contraindications")
    @classmethod
    def _by_their_codes(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(code_of(contraindication) for contraindication in written)

    def title_in(self, language: str) -> str:
        """The title in a language; in English where it has none."""
        return {key.value: title for key, title in self.titles.items()}.get(language, self.title)

    @property
    def duration_s(self) -> float:
        """Length of all phases."""
        return sum(phase.duration_s for phase in self.phases)


Placed = tuple[str, Scenario]
"""A scenario and the file that it stands in, as messages name it."""
SourceT = TypeVar("SourceT")


def parse(written: Document) -> Scenario:
    """Reads one scenario; the stem of its file's name is its name.

    Raises:
        ConfigurationError: names file, line, key, value and bound, one line for each fault.
    """
    try:
        return Scenario.model_validate({"name": Path(written.place).stem, **written.data})
    except ValidationError as error:
        raise ConfigurationError(_explain(error, written)) from error


def load(extra_dir: Path | None = None) -> dict[str, Scenario]:
    """The scenarios that ship with the service and those in `extra_dir`, by name.

    One in `extra_dir` takes the place of a shipped one of the same name.

    Raises:
        ConfigurationError: a file cannot be read or is wrong, or two have the same name; one line
            for each fault of all files.
    """
    scenarios = _by_name(_each(_placed, _shipped()))
    if extra_dir is not None:
        try:
            scenarios |= _by_name(_each(_read, _yaml_files(extra_dir)))
        except OSError as error:
            raise ConfigurationError(
                f"scenario_selector.scenarios_dir: {error.filename} cannot be read"
                f" ({error.strerror}): mend or remove it"
            ) from error
    return scenarios


def icon(name: Name, extra_dir: Path | None = None) -> str | None:
    """The icon of a scenario as SVG: `<name>.svg` beside its file; None where there is none.

    Raises:
        ConfigurationError: it cannot be read, or is larger than MAX_ICON_BYTES.
    """
    file_name = f"{name}.svg"
    own = extra_dir / file_name if extra_dir else None
    place = own if own and own.is_file() else files(__package__) / "scenarios" / file_name
    if not place.is_file():
        return None
    try:
        data = place.read_bytes()
        if len(data) > MAX_ICON_BYTES:
            raise ConfigurationError(
                f"{place}: has {len(data)} bytes, above {MAX_ICON_BYTES}: draw it simpler"
            )
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{place}: cannot be read ({error}): save it as SVG") from error


def shipped_names() -> frozenset[str]:
    """Names of the scenarios that ship with the service."""
    return frozenset(_by_name(_each(_placed, _shipped())))


def _shipped() -> list[Document]:
    folder = files(__package__) / "scenarios"
    entries = sorted((e for e in folder.iterdir() if _is_yaml(e.name)), key=lambda e: e.name)
    return [strict_yaml.parse(entry.read_bytes(), entry.name) for entry in entries]


def _placed(written: Document) -> Placed:
    return written.place, parse(written)


def _read(path: Path) -> Placed:
    return _placed(strict_yaml.read(path))


def _each(read: Callable[[SourceT], Placed], sources: Iterable[SourceT]) -> list[Placed]:
    """The scenario of each source; the faults of all of them come in one error."""
    scenarios, faults = [], []
    for source in sources:
        try:
            scenarios.append(read(source))
        except ConfigurationError as error:
            faults.append(str(error))
    if faults:
        raise ConfigurationError("\n".join(faults))
    return scenarios


def _by_name(placed: list[Placed]) -> dict[str, Scenario]:
    scenarios: dict[str, Scenario] = {}
    places: dict[str, str] = {}
    for place, scenario in placed:
        if scenario.name in scenarios:
            raise ConfigurationError(
                f"{place}: name: '{scenario.name}' is that of {places[scenario.name]} too:"
                " rename or remove one of them"
            )
        scenarios[scenario.name], places[scenario.name] = scenario, place
    return scenarios


def _is_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigurationError(
            f"scenario_selector.scenarios_dir: {folder} is not a folder: create it or unset it"
        )
    return sorted(path for path in folder.iterdir() if _is_yaml(path.name))


def _explain(error: ValidationError, written: Document) -> str:
    return "\n".join(
        f"{written.locate(fault['loc'])}: {fault['msg']}"
        + ("" if isinstance(fault["input"], dict) else f" (it is {repr(fault['input'])[:80]})")
        for fault in error.errors()
    )
