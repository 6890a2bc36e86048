"""`calmloop device`: what is wrong with a device, and copies of what it must not lose."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from calmloop.cli.failures import EXIT_NOT_DONE
from calmloop.device.deployment import COMPOSE_FILE, Deployment
from calmloop.device.doctor import examine_device, is_fit
from calmloop.device.finding import DeviceFinding, Grade
from calmloop.device.machine import Machine

COLOURS = {
    Grade.GOOD: "green",
    Grade.UNUSED: "dim",
    Grade.WARNING: "yellow",
    Grade.WRONG: "bold red",
}
_FINDINGS = TypeAdapter(list[DeviceFinding])

ComposeFolder = Annotated[
    Path | None,
    typer.Option("--compose", help="Folder of compose.yaml; else this one, or `compose` in it."),
]

app = typer.Typer(
    help="The device with a Compose deployment: what is wrong with it.", no_args_is_help=True
)


@app.callback()
def _device() -> None:
    """Holds the commands, be it one."""


@app.command()
def doctor(
    compose: ComposeFolder = None,
    profile: Annotated[
        list[str] | None, typer.Option(help="As `--profile` of `docker compose`, if .env has none.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Looks at Docker, folder, ports, services, camera, chair, sound, clock, disk, memory, heat.

    It opens no device and changes nothing. Exit code 0: nothing is wrong; 1: something is, and it
    says what to do; 2: there is no deployment there.
    """
    deployment = Deployment.read(compose_folder(compose), profile or ())
    findings = list(examine_device(Machine(), deployment))
    if json:
        typer.echo(_FINDINGS.dump_json(findings, indent=1).decode())
    else:
        _show(findings)
    if not is_fit(findings):
        raise typer.Exit(EXIT_NOT_DONE)


def compose_folder(named: Path | None) -> Path:
    """The folder that was named, else this one if compose.yaml is in it, else `compose` in it."""
    if named is not None:
        return named
    here = Path()
    return here if (here / COMPOSE_FILE).is_file() else here / "compose"


def _show(findings: list[DeviceFinding]) -> None:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        # What was found may hold brackets of its own: it is no markup.
        told = Text(finding.text)
        if finding.todo:
            told.append(f"\n→ {finding.todo}", style="bold")
        grade = Text(finding.grade, style=COLOURS[finding.grade])
        table.add_row(grade, Text(finding.check), told)
    Console().print(table)
