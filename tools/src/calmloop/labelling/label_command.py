"""`calmloop label`: an expert labels a clip by keyboard, on a page of this machine."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from calmloop.cli.failures import failures_told
from calmloop.cli.outputs import file_option
from calmloop.labelling.desk import Desk
from calmloop.labelling.segments import DEFAULT_EVERY_S, Clip, open_clip, segments_of
from calmloop.labelling.server import LabelServer
from calmloop.labelling.store import LabelStore

ClipArgument = Annotated[Path, typer.Argument(help="A video file.")]
EveryOption = Annotated[
    float, typer.Option(help="Seconds a segment; the same for labels and predictions.")
]


def label(
    clip: ClipArgument,
    out: Annotated[
        Path, file_option(help="LABELS.csv; goes on if it is there.", makes_folder=True)
    ],
    every: EveryOption = DEFAULT_EVERY_S,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 0,
) -> None:
    """Label a clip's segments by keyboard, for `agree`.

    Shows a page to browsers on this machine only, and never what a system would say.
    """
    with failures_told():
        opened = counted(clip)
        segments = segments_of(opened, every)
        store = LabelStore(out, [segment.item for segment in segments])
        server = LabelServer(Desk(opened, segments, store), port)
    typer.echo(f"{_progress(store)} Ctrl-C ends it.\nOpen {server.url} in a browser here.")
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.desk.close()
    typer.echo(_progress(store))


def counted(clip: Path) -> Clip:
    """The clip opened, and told so for as long as it takes.

    Raises:
        InputError: see `open_clip`.
    """
    with Console(stderr=True).status(f"counting the frames of {clip.name}"):
        return open_clip(clip)


def _progress(store: LabelStore) -> str:
    answers = store.answers()
    given = sum(answer is not None for answer in answers)
    return f"{given} of {len(answers)} segments answered, kept in {store.path}."
