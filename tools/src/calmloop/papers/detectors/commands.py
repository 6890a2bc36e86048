"""`papers detectors`: one command."""

import json
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from calmloop.base.errors import CalmloopError, InputError
from calmloop.cli.outputs import folder_option, write_text
from calmloop.papers.detectors.measure import compare, contenders
from calmloop.papers.detectors.pictures import (
    PictureRecipe,
    clip_pictures,
    drawn_children,
    empty_pictures,
)
from calmloop.papers.detectors.table import as_plain, table
from calmloop.training.commands.options import refusal


def detectors(
    out: Annotated[Path, folder_option(help="Gets table.md and detectors.json.")],
    yunet: Annotated[
        Path | None, typer.Option(help="YuNet's ONNX file; else it is left out.")
    ] = None,
    assets: Annotated[Path | None, typer.Option(help="MPFB's assets: children are drawn.")] = None,
    clips: Annotated[Path | None, typer.Option(help="A folder of .mp4 files.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Of a clip's frames one in so many.")] = 5,
    children: Annotated[int, typer.Option(min=1, max=1260, help="In each row.")] = 126,
    empty: Annotated[int, typer.Option(min=0, help="Pictures of each kind without a face.")] = 200,
    seed: Annotated[int, typer.Option(min=0)] = 1,
) -> None:
    """Compare Viola-Jones (AdaBoost), YuNet and MTCNN: recall, false faces and CPU time."""
    recipe = PictureRecipe(children=children, empty=empty, seed=seed)
    try:
        if assets is None and clips is None:
            raise InputError("name --assets to draw children from, --clips, or both")
        parts = [empty_pictures(recipe)]
        if assets is not None:
            parts.insert(0, drawn_children(recipe, assets))
        if clips is not None:
            parts.append(clip_pictures(clips, every))
        shown = track(chain(*parts), "looking", console=Console(stderr=True))
        compared = compare(contenders(yunet), shown)
        said = {"recipe": recipe.model_dump(mode="json"), "detectors": as_plain(compared)}
        write_text(out / "detectors.json", json.dumps(said, indent=1) + "\n")
        write_text(out / "table.md", table(compared) + "\n")
    except CalmloopError as error:
        raise refusal(error) from error
    typer.echo(table(compared))
