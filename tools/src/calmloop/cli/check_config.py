"""`calmloop check-config`: would every service accept these settings?"""

import importlib
import os
from pathlib import Path
from typing import Annotated

import typer

from calmloop import settings
from calmloop.cli.failures import EXIT_CONFIGURATION, say
from calmloop.errors import ConfigurationError
from calmloop.settings import CONFIG_VARIABLE, DEFAULT_FILE, ServiceSettings
from calmloop.topics import SERVICES


def check_config(
    file: Annotated[
        Path | None, typer.Argument(help=f"Else that of {CONFIG_VARIABLE}, else {DEFAULT_FILE}.")
    ] = None,
) -> None:
    """Checks the file and the CALMLOOP_* variables against every service's settings.

    Exit code 2: something is wrong; each fault is told with file, key, value and bound.
    """
    faults = list(dict.fromkeys(fault for model in _models() for fault in _faults(model, file)))
    for fault in faults:
        say(fault, failed=True)
    if faults:
        raise typer.Exit(EXIT_CONFIGURATION)
    say(f"good: {', '.join(sorted(SERVICES))} accept {_place(file)}")


def _models() -> list[type[ServiceSettings]]:
    modules = (f"calmloop.{service.replace('-', '_')}.settings" for service in sorted(SERVICES))
    return [importlib.import_module(module).Settings for module in modules]


def _faults(model: type[ServiceSettings], file: Path | None) -> list[str]:
    try:
        settings.load(model, file)
    except ConfigurationError as error:
        return str(error).splitlines()
    return []


def _place(file: Path | None) -> str:
    named = file or os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE
    present = f"{named} and the environment" if Path(named).is_file() else "the environment"
    return f"{present}, and the defaults of the rest"
