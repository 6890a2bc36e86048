"""Where commands write: looked at before the work begins, and written whole or not at all.

Every option that names an output is made by `file_option` or `folder_option`, so that a long run
never ends with nowhere to put what it found.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import typer

from calmloop.base.whole_files import (
    OutputError,
    explained,
    make_folder,
    partial_of,
    whole_file,
    write_text,
    written,
)

__all__ = [
    "OutputError",
    "check_file",
    "check_file_to_be",
    "check_folder",
    "file_argument",
    "file_option",
    "folder_option",
    "make_folder",
    "partial_of",
    "whole_file",
    "write_text",
    "written",
]


def file_option(*names: str, help: str, makes_folder: bool = False) -> Any:
    """An option for a file to write; its folder has to be there, or is made where it is missing."""
    check = check_file_to_be if makes_folder else check_file
    return typer.Option(*names, help=help, callback=_checked(check))


def folder_option(*names: str, help: str) -> Any:
    """An option for a folder to write into, which is made where it is missing."""
    return typer.Option(*names, help=help, callback=_checked(check_folder))


def file_argument(*, help: str) -> Any:
    """An argument for a file to write; its folder has to be there."""
    return typer.Argument(help=help, callback=_checked(check_file))


def _checked(check: Any) -> Any:
    def callback(value: Path | None) -> Path | None:
        if value is not None:
            check(value)
        return value

    return callback


def check_file(path: Path) -> None:
    """Refuses a place where no file can be written.

    Raises:
        typer.BadParameter: it is a folder, or its folder is missing or cannot be written.
    """
    try:
        if path.is_dir():
            raise typer.BadParameter(f"{path} is a folder: name a file")
        if path.exists() and not os.access(path, os.W_OK):
            raise typer.BadParameter(f"{path} cannot be written: check its permissions")
        if not path.parent.exists():
            raise typer.BadParameter(f"the folder {path.parent} is not there: make it first")
        if not path.exists() or path.is_file():
            _probe(path.parent)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(_why(path, error)) from None


def check_file_to_be(path: Path) -> None:
    """As `check_file`, for a file whose folder is made where it is missing.

    Raises:
        typer.BadParameter: it is a folder, or its folder can neither be made nor written.
    """
    if path.parent.is_dir():
        check_file(path)
    else:
        check_folder(path.parent)


def check_folder(path: Path) -> None:
    """Refuses a place where no folder can be made or written.

    Raises:
        typer.BadParameter: a file stands there or above it, or it cannot be written.
    """
    try:
        nearest = next(p for p in (path, *path.absolute().parents) if p.exists() or p.is_symlink())
        if not nearest.is_dir():
            raise typer.BadParameter(f"{path} cannot be written: {nearest} is no folder")
        _probe(nearest)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(_why(path, error)) from None


def _probe(folder: Path) -> None:
    """Writes there, since permissions alone do not tell; nothing stays."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"?")


def _why(path: Path, error: OSError | ValueError) -> str:
    return (
        explained(error, str(path), "written") if isinstance(error, OSError) else f"{path}: {error}"
    )
