"""`calmloop check-config`: would every service accept these settings?"""

import os
from pathlib import Path
from typing import Annotated

import typer

from calmloop.base.settings import CONFIG_VARIABLE, DEFAULT_FILE
from calmloop.base.settings_check import all_faults
from calmloop.cli.failures import EXIT_CONFIGURATION, say
from calmloop.contract.topics import SERVICES


def check_config(
    file: Annotated[
        Path | None, typer.Argument(help=f"Else that of {CONFIG_VARIABLE}, else {DEFAULT_FILE}.")
    ] = None,
) -> None:
    """Checks the file and the CALMLOOP_* variables against every service's settings.

    Exit code 2: something is wrong; each fault is told with file, key, value and bound.
    """
    faults = all_faults(file)
    for fault in faults:
        say(fault, failed=True)
    if faults:
        raise typer.Exit(EXIT_CONFIGURATION)
    say(f"good: {', '.join(sorted(SERVICES))} accept {_place(file)}")


def _place(file: Path | None) -> str:
    named = file or os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE
    present = f"{named} and the environment" if Path(named).is_file() else "the environment"
    return f"{present}, and the defaults of the rest"
