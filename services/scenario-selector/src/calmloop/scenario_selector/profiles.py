"""What a person allows for one child, known by a code: never by a name.

`<data_dir>/profiles/<code>.yaml` is written by people and only read here; without a file there
is only the profile `default`, with the bounds below.
"""

from collections.abc import Collection
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from calmloop.base import strict_yaml
from calmloop.base.errors import CalmloopError, ConfigurationError
from calmloop.base.strict_yaml import FilePart
from calmloop.contract.messages.base import Percent
from calmloop.contract.messages.session import Channel, Name
from calmloop.scenario_selector import scenario

DEFAULT_CODE = "default"
FOLDER = "profiles"


class RecordError(CalmloopError):
    """A file of a child cannot be used; the text says which, why and what to do."""


class Profile(FilePart):
    """The bounds of one child. The defaults are cautious; a clinician sets them."""

    ceiling_pct: Percent = 60.0
    minutes_per_session: float = Field(20.0, gt=0.0, le=30.0)
    minutes_per_day: float = Field(40.0, gt=0.0, le=120.0)
    excluded_scenarios: frozenset[Name] = frozenset()
    excluded_channels: frozenset[Channel] = frozenset()


def checked_code(code: str) -> str:
    """The code itself, if it can be part of a file name.

    Raises:
        RecordError: it has characters that a code has not.
    """
    try:
        return TypeAdapter(Name).validate_python(code)
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
        RecordError: there is none of this code, or its file is wrong.
    """
    path = data_dir / FOLDER / f"{checked_code(code)}.yaml"
    try:
        written = strict_yaml.read(path)
    except FileNotFoundError:
        return _without_file(path, code)
    except ConfigurationError as error:
        raise RecordError(f"profile '{code}': {error}") from error
    try:
        profile = Profile.model_validate(written.data)
    except ValidationError as error:
        fault = error.errors()[0]
        raise RecordError(
            f"{written.locate(fault['loc'])}: {fault['msg']} (it is {repr(fault['input'])[:80]})"
        ) from error
    known = scenario.shipped_names() if scenarios is None else scenarios
    if unknown := sorted(profile.excluded_scenarios.difference(known)):
        raise RecordError(
            f"{written.locate(('excluded_scenarios',))}: '{unknown[0]}' is no scenario, so it would"
            f" exclude nothing: known are {', '.join(sorted(known))}"
        )
    return profile


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
    return Profile()
