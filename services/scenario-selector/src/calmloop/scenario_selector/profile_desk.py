"""A console's way to the children's profiles: what it may read, and what it may have written.

Goals and notes are told to whoever asks for the profile, and to nobody else.
"""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from calmloop.base import strict_yaml
from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.profiles import (
    ProfileAction,
    ProfileBounds,
    ProfileCommand,
    ProfilesState,
)
from calmloop.scenario_selector import storage
from calmloop.scenario_selector.profiles import FOLDER, RecordError, checked_code, read_profile

NEW_FOLDER = ".new"
"""Where a profile is written and read once before it takes its place."""
MAX_CODES = 300


class ProfileDesk:
    """Answers commands about the profiles in one folder."""

    def __init__(self, data_dir: Path, scenarios: Collection[str]) -> None:
        self._folder = data_dir / FOLDER
        self._scenarios = scenarios

    def codes(self) -> tuple[str, ...]:
        """Of the children that have a profile; at most 300."""
        try:
            return tuple(sorted(path.stem for path in self._folder.glob("*.yaml")))[:MAX_CODES]
        except OSError:
            return ()

    def obey(self, command: ProfileCommand, *, may_write: bool = True) -> ProfilesState:
        """The answer to a command; a refusal is in it.

        Args:
            command: What is asked.
            may_write: Whether there is time for a disk now.
        """
        told: dict[str, Any] = {"profile": command.profile, "request": command.request}
        try:
            if command.action is ProfileAction.WRITE and command.bounds is not None:
                if not may_write:
                    raise RecordError("a session runs: write the profile once it is over")
                self._write(command.profile, command.bounds)
            told["bounds"] = self._bounds(command.profile)
        except (ConfigurationError, RecordError) as error:
            told["refusal"] = str(error).partition("\n")[0][:400]
        except OSError as error:
            told["refusal"] = f"the profile cannot be kept ({error.strerror}): free some space"
        return ProfilesState(codes=self.codes(), **told)

    def erase(self, code: str) -> bool:
        """Deletes a child's profile with its copy; returns whether there was any.

        Raises:
            RecordError: something is still there.
        """
        path = self._path(code)
        new = path.parent / NEW_FOLDER / path.name
        return any([storage.erase(path), storage.erase(new)])

    def _bounds(self, code: str) -> ProfileBounds:
        try:
            profile = read_profile(self._path(code), self._scenarios)
        except FileNotFoundError:
            raise RecordError(f"profile '{code}' is unknown: write it first") from None
        values = profile.model_dump(mode="json", include=set(ProfileBounds.model_fields))
        for key, value in values.items():
            if isinstance(value, list):
                values[key] = sorted(value)
        return ProfileBounds.model_validate(values)

    def _write(self, code: str, bounds: ProfileBounds) -> None:
        path = self._path(code)
        values = strict_yaml.read(path).data if path.is_file() else {}
        values |= bounds.model_dump(mode="json", exclude_none=True)
        new = path.parent / NEW_FOLDER / path.name
        new.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with new.open("w", encoding="utf-8") as file:
            yaml.safe_dump(values, file, allow_unicode=True, sort_keys=False)
            file.flush()
            os.fsync(file.fileno())
        try:
            read_profile(new, self._scenarios)
        except (ConfigurationError, RecordError):
            new.unlink(missing_ok=True)
            raise
        if path.is_file():
            path.with_name(path.name + storage.COPY).write_bytes(path.read_bytes())
        new.replace(path)

    def _path(self, code: str) -> Path:
        return self._folder / f"{checked_code(code)}.yaml"
