"""What a person allows for one child, known by a code: never by a name.

`<data_dir>/profiles/<code>.yaml` is written by people and only read here; without a file there
is only the profile `default`, with the bounds below.
"""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from calmloop.errors import CalmloopError
from calmloop.messages.base import Percent
from calmloop.messages.session import Channel, Name

DEFAULT_CODE = "default"
FOLDER = "profiles"


class RecordError(CalmloopError):
    """A file of a child cannot be used; the text says which, why and what to do."""


class Profile(BaseModel):
    """The bounds of one child. The defaults are cautious; a clinician sets them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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


def load(data_dir: Path, code: str) -> Profile:
    """Reads the profile of a child.

    Raises:
        RecordError: there is none of this code, or its file is wrong.
    """
    path = data_dir / FOLDER / f"{checked_code(code)}.yaml"
    try:
        data = yaml.safe_load(path.read_text()) or {}
        return Profile.model_validate(data)
    except FileNotFoundError:
        if code == DEFAULT_CODE:
            return Profile()
        raise RecordError(f"profile '{code}' is unknown: write {path}") from None
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"]) or "file"
        raise RecordError(f"{path}: {key}: {fault['msg']} (it is {fault['input']!r})") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
