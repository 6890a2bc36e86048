"""The command ``data describe``."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from calmloop.base.errors import CalmloopError
from calmloop.cli.outputs import file_option
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data import describe as description
from calmloop.training.data.faces import Faces, Usage, usage_named
from calmloop.training.data.readers import load_faces, part_name

app = typer.Typer(help="Look at faces before training on them.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Without a second command typer would drop the name of the only one."""


@app.command()
def describe(
    data: Annotated[Path, typer.Argument(help="Folder with faces, in any layout train reads.")],
    sheet: Annotated[
        Path | None, file_option(help="Write a contact sheet to this PNG file.", makes_folder=True)
    ] = None,
    split: Annotated[
        Usage | None,
        typer.Option(parser=usage_named, metavar="PART", help="Only this on the contact sheet."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All metrics as JSON.")] = False,
) -> None:
    """Show how many faces show what, which repeat, and what they look like."""
    try:
        faces = load_faces(data)
        if sheet is not None:
            shown = faces if split is None else faces.part(split)
            description.write_sheet(description.contact_sheet(shown), sheet)
    except CalmloopError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(_as_plain(faces), indent=2))
    else:
        _print(faces, data)


def _as_plain(faces: Faces) -> dict[str, object]:
    votes = description.vote_metrics(faces)
    return {
        "faces": len(faces),
        "distribution": {
            usage.value: dict(zip(EMOTIONS, counts, strict=True))
            for usage, counts in description.distribution(faces).items()
        },
        "duplicates": description.find_duplicates(faces)._asdict(),
        "overlaps": [overlap._asdict() for overlap in description.find_overlaps(faces)],
        "votes": votes and votes._asdict(),
    }


def _print(faces: Faces, data: Path) -> None:
    counted = description.distribution(faces)
    table = Table(title=f"{len(faces)} faces in {data}")
    table.add_column("emotion")
    for usage in counted:
        table.add_column(part_name(data, usage), justify="right")
    for n, emotion in enumerate(EMOTIONS):
        cells = (f"{row[n]} ({row[n] / sum(row):.1%})" for row in counted.values())
        table.add_row(emotion, *cells)
    table.add_section()
    table.add_row("all", *(str(sum(row)) for row in counted.values()))
    console = Console()
    console.print(table)
    twins = description.find_duplicates(faces)
    console.print(
        f"{twins.pictures} pictures occur more than once ({twins.extra_copies} extra copies); "
        f"{twins.contradictory} of them carry more than one label"
    )
    for overlap in description.find_overlaps(faces):
        console.print(
            f"{overlap.of_second} faces of {part_name(data, overlap.second)} are also in "
            f"{part_name(data, overlap.first)} ({overlap.of_first} there)"
        )
    votes = description.vote_metrics(faces)
    if votes is None:
        console.print("no FER+ votes")
    else:
        console.print(
            f"{votes.usable} faces have FER+ votes; the most voted emotion is the label for "
            f"{votes.agreement:.1%} of them"
        )
