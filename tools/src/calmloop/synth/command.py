"""`calmloop synth`: children that nobody is, drawn and labelled by how they were made."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from calmloop.cli.failures import failures_reported, say
from calmloop.cli.outputs import folder_option
from calmloop.synth.mesh import load_mesh
from calmloop.synth.plan import ROUND, plan
from calmloop.synth.scene import MAX_SIDE_PX, MIN_SIDE_PX, Studio
from calmloop.synth.writing import write_pictures

app = typer.Typer(no_args_is_help=True, help="Synthetic children, to compare and to guard.")

AssetsOption = Annotated[
    Path, typer.Option(help="Folder of MPFB's CC0 assets: 3dobjs/base.obj and targets/.")
]
OutOption = Annotated[Path, folder_option(help="A new folder.")]
SeedOption = Annotated[int, typer.Option(min=0, help="The same seed draws the same.")]
SideOption = Annotated[
    int, typer.Option(min=MIN_SIDE_PX, max=MAX_SIDE_PX, help="Of a picture, in pixels.")
]


@app.callback()
def synth() -> None:
    """Synthetic children, to compare and to guard; never a measure of accuracy."""


@app.command()
def pictures(
    out: OutOption,
    assets: AssetsOption,
    count: Annotated[
        int, typer.Option(min=1, help=f"Pictures; each group comes once in {ROUND}.")
    ] = 10 * ROUND,
    side: SideOption = 192,
    seed: SeedOption = 0,
    plain: Annotated[
        bool, typer.Option("--plain", help="All frontal, evenly lit and uncovered.")
    ] = False,
) -> None:
    """Draws faces with their labels, and says in a table how each was made.

    `calmloop evaluate --data OUT` reads them; `calmloop synth report OUT` compares groups.
    """
    with failures_reported():
        studio = Studio(load_mesh(assets), side)
        planned = plan(count, seed, plain=plain)
        shown = track(planned, "drawing", total=count, console=Console(stderr=True))
        write_pictures(iter(shown), studio, out)
    say(f"{count} pictures of nobody are in {out}, with {out / 'manifest.csv'}")
