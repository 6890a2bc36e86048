"""`calmloop synth`: children that nobody is, drawn and labelled by how they were made."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from calmloop.annotate.choice import ModelOption, YuNetOption, classifier_with, detector_with
from calmloop.annotate.reading import PictureReader
from calmloop.cli.failures import failures_reported, say
from calmloop.cli.outputs import folder_option
from calmloop.face_detector import MeshNetwork, load_detector
from calmloop.synth import landmark_tables, landmarks
from calmloop.synth.fairness import read_pictures, rows_of
from calmloop.synth.mesh import load_mesh
from calmloop.synth.plan import ROUND, plan
from calmloop.synth.scene import MAX_SIDE_PX, MIN_SIDE_PX, Studio
from calmloop.synth.sequences import write_sequences
from calmloop.synth.showing import as_plain, tables
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


@app.command()
def sequences(
    out: OutOption,
    assets: AssetsOption,
    count: Annotated[
        int, typer.Option(min=1, help="Sequences; a child talks, turns, cries and laughs.")
    ] = 12,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="Of a sequence.")] = 4.0,
    fps: Annotated[float, typer.Option(min=1, max=60, help="Frames a second.")] = 15.0,
    side: SideOption = 192,
    seed: SeedOption = 0,
) -> None:
    """Draws children that talk, turn, cry and laugh, a folder of frames each.

    `calmloop annotate` reads such a folder.
    """
    with failures_reported():
        studio = Studio(load_mesh(assets), side)
        rows = write_sequences(count, seconds, fps, seed, studio, out)
        total = count * round(seconds * fps)
        frames = sum(1 for _ in track(rows, "drawing", total=total, console=Console(stderr=True)))
    say(f"{count} sequences of {frames} frames are in {out}, with {out / 'manifest.csv'}")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="What `calmloop synth pictures` has written.")],
    model: ModelOption = None,
    yunet: YuNetOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="All shares as JSON.")] = False,
) -> None:
    """Compares groups: which faces are found, and what neutral ones are called.

    The pictures go through the services' own cores, as in `calmloop annotate`. It is no accuracy.
    """
    with failures_reported():
        rows = rows_of(folder)
        reader = PictureReader(detector_with(yunet), classifier_with(model))
        shown = track(rows, "reading", console=Console(stderr=True))
        readings = list(read_pictures(shown, folder, reader))
    if as_json:
        typer.echo(json.dumps(as_plain(readings), indent=2))
    else:
        console = Console()
        for table in tables(readings):
            console.print(table)


@app.command("landmarks")
def study_landmarks(
    assets: AssetsOption,
    mesh: Annotated[Path, typer.Option(help="MediaPipe's face_landmark.tflite.")],
    yunet: YuNetOption = None,
    children: Annotated[
        int,
        typer.Option(min=1, help=f"Each ancestry, sex and age once in {len(landmarks.CHILDREN)}."),
    ] = len(landmarks.CHILDREN),
    side: SideOption = 192,
    seed: SeedOption = 1,
) -> None:
    """Measures what a mesh of landmarks tells of eyes, mouth and pose, which are drawn as asked.

    The pose by the detector's five landmarks stands beside it. It is no accuracy on children.
    """
    with failures_reported():
        network, detector = MeshNetwork(mesh), load_detector(detector_with(yunet))
        studio = Studio(load_mesh(assets), side)
        seen = landmarks.looks(studio, detector, network, children, seed)
        total, console = landmarks.count(children), Console(stderr=True)
        shown = list(track(seen, "looking", total=total, console=console))
    for table in landmark_tables.tables(shown):
        Console().print(table)
