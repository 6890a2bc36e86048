"""Checks `calmloop.yaml` against every service, and hands on a copy of it.

The containers read the copy. A file mounted by itself would have to be there, and a change of it
would reach a container in the middle of a session, or, saved by an editor that renames, never.
"""

from pathlib import Path

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings_check import all_faults
from calmloop.compose_init import files

NAME = "calmloop.yaml"


def check(folder: Path) -> bytes:
    """The settings' file in `folder` as the services may read it; nothing where none is there.

    Raises:
        ConfigurationError: names file, line, key, value and bound, a line for each fault.
    """
    source = folder / NAME
    try:
        path = source if source.exists() else None
    except PermissionError as error:
        raise ConfigurationError(
            f"{folder}: the init container may not enter it: chmod o+rx the folder of compose.yaml"
        ) from error
    faults = all_faults(path)
    if faults:
        raise ConfigurationError("\n".join(faults))
    return path.read_bytes() if path else b""


def hand_on(content: bytes, accounts: Path) -> None:
    """Puts the copy where every container reads it; they start again if it has changed."""
    files.write_changed(accounts / NAME, content, mode=files.READ_BY_ALL)
