"""`calmloop profile`: is the file of a child right, what plays with it, what may stand there."""

import json
from pathlib import Path
from typing import Annotated

import typer

from calmloop.base import settings
from calmloop.base.errors import ConfigurationError, InputError
from calmloop.cli.failures import EXIT_CONFIGURATION, failures_reported, say
from calmloop.cli.outputs import file_option, write_text
from calmloop.scenario_selector import (
    Profile,
    RecordError,
    Scenario,
    Settings,
    load_scenarios,
    read_profile,
)

app = typer.Typer(
    help="The file of a child: `calmloop settings profile` prints its keys.", no_args_is_help=True
)


@app.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Named <code>.yaml; else all in the profiles of data_dir."),
    ] = None,
) -> None:
    """Checks profiles, and says which scenarios each child may get and what stands against others.

    Exit code 2: one is wrong; each fault is told with file, line, key, value and bound.
    """
    with failures_reported():
        section = settings.load(Settings).scenario_selector
        library = load_scenarios(section.scenarios_dir)
        found = files or sorted((section.data_dir / "profiles").glob("*.yaml"))
        if not found:
            raise InputError(f"no profile is in {section.data_dir / 'profiles'}: name a file")
    if not all([_is_good(path, library) for path in found]):
        raise typer.Exit(EXIT_CONFIGURATION)


@app.command()
def schema(
    out: Annotated[
        Path | None, file_option(help="Write it into this file, for an editor; else print it.")
    ] = None,
) -> None:
    """Prints the JSON Schema of a profile."""
    text = json.dumps(Profile.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        typer.echo(text, nl=False)
        return
    with failures_reported():
        write_text(out, text)
    say(f"the schema of a profile is in {out}")


def _is_good(path: Path, library: dict[str, Scenario]) -> bool:
    try:
        profile = read_profile(path, library)
    except FileNotFoundError:
        say(f"{path}: is not there: check its name", failed=True)
    except (ConfigurationError, RecordError) as error:
        say(str(error), failed=True)
    else:
        say(f"good: {path}: {_offered(profile, library)}")
        return True
    return False


def _offered(profile: Profile, library: dict[str, Scenario]) -> str:
    wanted = sorted(library.keys() - profile.excluded_scenarios)
    against = {name: profile.unticked(library[name]) for name in wanted}
    plays = [name for name in wanted if not against[name]]
    refused = [f"{name} ({', '.join(against[name])})" for name in wanted if against[name]]
    told = {
        "plays": plays or ["nothing"],
        "nobody ticked off what stands against": refused,
        "excluded:": sorted(profile.excluded_scenarios),
    }
    return "; ".join(f"{what} {', '.join(names)}" for what, names in told.items() if names)
