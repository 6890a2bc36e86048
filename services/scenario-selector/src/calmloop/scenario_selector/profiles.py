"""What a person allows for one child, known by a code: never by a name.

`<data_dir>/profiles/<code>.yaml` is written by people and only read here; without a file there
is only the profile `default`, which is for a demonstration: it knows of no child's body.
"""

import json
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, PrivateAttr, TypeAdapter, ValidationError, field_validator
from pydantic_core import ErrorDetails

from calmloop.base import strict_yaml
from calmloop.base.errors import CalmloopError, ConfigurationError
from calmloop.base.strict_yaml import Document, FilePart
from calmloop.contract.messages.base import Percent
from calmloop.contract.messages.profiles import MAX_TEXT, PRIVATE
from calmloop.contract.messages.session import Channel, Name
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.contraindications import CONTRAINDICATIONS, code_of
from calmloop.scenario_selector.scenario import Scenario

DEFAULT_CODE = "default"
FOLDER = "profiles"
Contraindication = Annotated[str, Field(min_length=1, max_length=200)]


class RecordError(CalmloopError):
    """A file of a child cannot be used; the text says which, why and what to do."""


class Sensory(StrEnum):
    """What a child does with a sense: it wants more of it than others, or less."""

    SEEKING = "seeking"
    AVOIDING = "avoiding"


class Profile(FilePart):
    """The bounds of one child. The defaults are cautious; a clinician sets them."""

    ceiling_pct: Percent = Field(60.0, description="Highest intensity of a session.")
    minutes_per_session: float = Field(20.0, gt=0.0, le=30.0, description="At most.")
    minutes_per_day: float = Field(
        40.0, gt=0.0, le=120.0, description="Of all sessions of a local day, at most."
    )
    excluded_scenarios: frozenset[Name] = Field(
        frozenset(), description="Names of scenarios that the child does not get."
    )
    excluded_channels: frozenset[Channel] = Field(
        frozenset(), description="Channels that the child does not get."
    )
    max_vibration_pct: Percent = Field(
        100.0, description="The channel is never asked for more, whatever plays."
    )
    max_sound_pct: Percent = Field(100.0, description="The same.")
    max_light_pct: Percent = Field(100.0, description="The same.")
    sensory: dict[Channel, Sensory] = Field(
        {}, description="By channel: what learning begins with, not a bound."
    )
    cleared_contraindications: frozenset[Contraindication] = Field(
        frozenset(),
        description="Those that a person has ticked off, by code: they do not stand against this"
        " child. What nobody ticked off does.",
    )
    goals: str = Field("", max_length=MAX_TEXT, description="For people; in no log.")
    notes: str = Field("", max_length=MAX_TEXT, description="The same.")
    _file: Path | None = PrivateAttr(None)

    @field_validator("cleared_contraindications", mode="before")
    @classmethod
    def _a_list(cls, written: object) -> object:
        """Nothing behind the key may be a list that is still to be written."""
        if written is None:
            raise ValueError("must be a list: [] where none is cleared, or leave the key out")
        return written

    @field_validator("cleared_contraindications")
    @classmethod
    def _by_their_codes(cls, written: frozenset[str]) -> frozenset[str]:
        return frozenset(code_of(contraindication) for contraindication in written)

    def unticked(self, playing: Scenario) -> list[str]:
        """What stands against a scenario, since nobody ticked it off for this child."""
        cleared = self.cleared_contraindications
        return [name for name in playing.contraindications if name not in cleared]

    def line_that_ticks(self, contraindications: Collection[str]) -> str:
        """What its file must hold, and where, once somebody has checked these too."""
        ticked = sorted(self.cleared_contraindications.union(contraindications))
        words = ", ".join(
            name if name in CONTRAINDICATIONS else json.dumps(name, ensure_ascii=False)
            for name in ticked
        )
        return f"`cleared_contraindications: [{words}]` in {self._file or 'its profile'}"


class DemonstrationProfile(Profile):
    """The profile `default` without a file: no child sits there, so nothing stands against one."""

    def unticked(self, playing: Scenario) -> list[str]:
        """Nothing."""
        return []


_CODES: TypeAdapter[str] = TypeAdapter(Name)


def checked_code(code: str) -> str:
    """The code itself, if it can be part of a file name.

    Raises:
        RecordError: it has characters that a code has not.
    """
    try:
        return _CODES.validate_python(code)
    except ValidationError as error:
        raise RecordError(
            f"profile '{code}': a code has small letters, digits, '-' and '_', at most 40"
        ) from error


def load(data_dir: Path, code: str, scenarios: Collection[str] | None = None) -> Profile:
    """Reads the profile of a child.

    Args:
        data_dir: Where the folder of profiles is.
        code: The child's.
        scenarios: Names that may be excluded; by default those that ship.

    Raises:
        RecordError: there is none of this code, or its file is wrong; the first of its faults.
    """
    path = data_dir / FOLDER / f"{checked_code(code)}.yaml"
    try:
        return read_profile(path, scenarios)
    except FileNotFoundError:
        return _without_file(path, code)
    except ConfigurationError as error:
        raise RecordError(str(error).partition("\n")[0]) from error


def is_written(data_dir: Path, code: str) -> bool:
    """Whether a child has a file of its own."""
    return (data_dir / FOLDER / f"{checked_code(code)}.yaml").is_file()


def read_profile(path: Path, scenarios: Collection[str] | None = None) -> Profile:
    """Reads the file of a profile.

    Args:
        path: It, named by the child's code.
        scenarios: Names that may be excluded; by default those that ship.

    Raises:
        FileNotFoundError: it is not there.
        ConfigurationError: file, line, key, value and bound, one line for each fault.
        RecordError: its name is no code.
    """
    code = checked_code(path.stem)
    if path.name != f"{code}.yaml":
        raise ConfigurationError(f"{path}: is not read: name it {code}.yaml")
    written = strict_yaml.read(path)
    try:
        profile = Profile.model_validate(written.data)
    except ValidationError as error:
        faults = [_told(written, fault) for fault in error.errors()]
        raise ConfigurationError("\n".join(faults)) from error
    known = scenario.shipped_names() if scenarios is None else scenarios
    if unknown := sorted(profile.excluded_scenarios.difference(known)):
        raise ConfigurationError(
            f"{written.locate(('excluded_scenarios',))}: '{unknown[0]}' is no scenario, so it would"
            f" exclude nothing: known are {', '.join(sorted(known))}"
        )
    profile._file = path
    return profile


def _told(written: Document, fault: ErrorDetails) -> str:
    """What people write of a child is not shown: a refusal is on the bus."""
    said = written.locate(fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{said}: unknown key: known are {', '.join(sorted(Profile.model_fields))}"
    value = (
        ""
        if PRIVATE.intersection(map(str, fault["loc"][:1]))
        else f" (it is {repr(fault['input'])[:80]})"
    )
    return f"{said}: {fault['msg']}{value}"


def check_all(data_dir: Path, scenarios: Collection[str]) -> None:
    """Reads each profile that is there.

    Args:
        data_dir: Where the folder of profiles is, if there is one.
        scenarios: Names that may be excluded.

    Raises:
        ConfigurationError: one line for each that is wrong.
    """
    faults = []
    for path in sorted((data_dir / FOLDER).glob("*.yaml")):
        try:
            read_profile(path, scenarios)
        except FileNotFoundError:
            faults.append(f"{path}: leads nowhere: write it, or take it away")
        except (RecordError, ConfigurationError) as error:
            faults.append(str(error))
    if faults:
        raise ConfigurationError("\n".join(faults))


def _without_file(path: Path, code: str) -> Profile:
    """The default needs no file; but one that was meant to be it must not be passed over."""
    if code != DEFAULT_CODE:
        raise RecordError(f"profile '{code}' is unknown: write {path}")
    try:
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.exists() else []
    except OSError as error:
        raise RecordError(f"{path.parent}: cannot be read ({error.strerror})") from error
    meant = sorted(name for name in names if name.casefold().split(".")[0] == DEFAULT_CODE)
    if meant:
        raise RecordError(
            f"{path.parent / meant[0]}: is not read: name it {path.name}, and see that it is there"
        )
    return DemonstrationProfile()
