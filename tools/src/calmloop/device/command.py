"""`calmloop device`: what is wrong with it, copies of what it must not lose, its release."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from calmloop.base import logs
from calmloop.base.errors import CalmloopError
from calmloop.base.settings import LogLevel, LogSettings
from calmloop.cli.failures import EXIT_NOT_DONE, say
from calmloop.cli.outputs import file_argument
from calmloop.device.archive import write_archive
from calmloop.device.containers import standing_still, start
from calmloop.device.deployment import COMPOSE_FILE, Deployment
from calmloop.device.doctor import examine_device, is_fit
from calmloop.device.finding import DeviceFinding, Grade
from calmloop.device.follow_command import follow
from calmloop.device.kept import places
from calmloop.device.machine import Machine
from calmloop.device.manifest import EntryKind
from calmloop.device.release_commands import install, rollback, start_services, update
from calmloop.device.restoring import JOURNAL, checked, restore
from calmloop.device.swapping import finish

COLOURS = {
    Grade.GOOD: "green",
    Grade.UNUSED: "dim",
    Grade.WARNING: "yellow",
    Grade.WRONG: "bold red",
}
VolumesFolder = Annotated[
    Path | None,
    typer.Option(help="Where Docker's volumes are, if no Docker is here to be asked."),
]
_FINDINGS = TypeAdapter(list[DeviceFinding])

ComposeFolder = Annotated[
    Path | None,
    typer.Option("--compose", help="Folder of compose.yaml; else this one, or `compose` in it."),
]

app = typer.Typer(
    help="The device with a Compose deployment: its release, doctor, backup, restore.",
    no_args_is_help=True,
)
for _command in (install, update, rollback, follow):
    app.command()(_command)
app.command(name="start")(start_services)


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


@app.command()
def backup(
    file: Annotated[Path, file_argument(help="The copy: it holds passwords and what is known.")],
    compose: ComposeFolder = None,
    volumes: VolumesFolder = None,
) -> None:
    """Copies what the device must not lose into one file, which only this user can read.

    The services are stopped for the copy and started again; while a session runs or the chair is
    armed it is refused. A real chair's calibration is in the chair.
    """
    machine, deployment = Machine(), _deployment(compose)
    there = places(machine, deployment, volumes)
    with standing_still(machine, deployment) as stopped:
        _finish(deployment)
        try:
            manifest = write_archive(file, there, deployment.values["CALMLOOP_CHAIR_ID"])
        finally:
            start(machine, stopped)
    files = sum(entry.kind is EntryKind.FILE for entry in manifest.entries)
    say(f"{files} files are in {file}: keep it where only those may read it who may know a child")


@app.command(name="restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="Of `calmloop device backup`.")],
    compose: ComposeFolder = None,
    volumes: VolumesFolder = None,
) -> None:
    """Checks all of a copy, then puts it in the place of what is there, which stays beside it.

    The services are stopped for it; while a session runs or the chair is armed it is refused.
    """
    machine, deployment = Machine(), _deployment(compose)
    there = places(machine, deployment, volumes)
    checked(file, there)
    with standing_still(machine, deployment) as stopped:
        _finish(deployment)
        try:
            back = restore(file, there, deployment.folder / JOURNAL)
        except CalmloopError:
            start(machine, stopped)
            raise
    for path in back.aside:
        say(f"what was there before is in {path}")
    if back.to_erase:
        say(back.to_erase, failed=True)
    say(
        f"all is back as of {back.manifest.made}, of the chair '{back.manifest.chair_id}';"
        " now: docker compose up -d"
    )


def _deployment(compose: Path | None) -> Deployment:
    # The connection's own lines would only stand around what is told.
    logs.configure(LogSettings(level=LogLevel.ERROR))
    return Deployment.read(compose_folder(compose))


def _finish(deployment: Deployment) -> None:
    if finish(deployment.folder / JOURNAL):
        say("a restore that was cut short is finished")


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
