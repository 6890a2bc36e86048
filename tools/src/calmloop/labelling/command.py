"""`calmloop label` and `predict`: what an expert and the network say of a clip's segments.

An expert labels by keyboard, on a page of this machine; `calmloop agree` compares the two, and
`label-boxes` hands what the expert said on to LabelImg.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from calmloop.agreement.answers import ITEM, Rater, read_answers
from calmloop.annotate.choice import ModelOption, YuNetOption, classifier_with, detector_with
from calmloop.annotate.reading import PictureReader
from calmloop.base.errors import InputError
from calmloop.cli.failures import failures_reported
from calmloop.cli.outputs import file_option, folder_option, write_text
from calmloop.cli.tables import columns_of
from calmloop.labelling.desk import Desk
from calmloop.labelling.exporting import BoxStyle, export_boxes
from calmloop.labelling.predicting import Prediction, Predictor
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
    with failures_reported():
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


COLUMNS = (ITEM, Rater.SYSTEM.value, "confidence", "valence", "frames", "read", "reason")


def predict(
    clip: ClipArgument,
    out: Annotated[
        Path, file_option(help="PREDICTIONS.csv; replaced if it is there.", makes_folder=True)
    ],
    every: EveryOption = DEFAULT_EVERY_S,
    model: ModelOption = None,
    yunet: YuNetOption = None,
) -> None:
    """Let the network label the same segments as `label` shows, for `agree`."""
    with failures_reported():
        predictions = predict_to(out, counted(clip), every, model, yunet)
    unknown = sum(one.label == "unknown" for one in predictions)
    typer.echo(f"{len(predictions)} segments, {unknown} of them unknown, written to {out}")


def predict_to(
    out: Path, clip: Clip, every: float, model: Path | None, yunet: Path | None
) -> list[Prediction]:
    """Writes what a network says of a clip's segments, with a progress bar.

    Raises:
        InputError: `out` holds something else; `every` does not do; clip or network cannot be read.
    """
    _check(out)
    segments = segments_of(clip, every)
    predictor = Predictor(detector_with(yunet), classifier_with(model))
    with Progress(console=Console(stderr=True)) as progress:
        predicted = progress.track(
            predictor.predict(clip, segments), total=len(segments), description=clip.name
        )
        predictions = list(predicted)
    _write(out, predictions)
    return predictions


def _check(out: Path) -> None:
    """Refuses to replace anything but predictions: labels cost a person hours."""
    if not out.is_file():
        return
    header = columns_of(out)
    if Rater.SYSTEM.value not in header:
        raise InputError(f"{out} holds no predictions and is kept: name another file")


def _write(out: Path, predictions: Iterable[Prediction]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(one) for one in predictions)
    write_text(out, text.getvalue())


def _row(one: Prediction) -> tuple[object, ...]:
    numbers = (f"{one.confidence:.4f}", f"{one.valence:.4f}", one.frames, one.read)
    return (one.item, one.label.value, *numbers, one.reason or "")


def label_boxes(
    clip: ClipArgument,
    labels: Annotated[Path, typer.Argument(help="LABELS.csv as `label` has written it.")],
    out: Annotated[Path, folder_option(help="Folder for the pictures and their boxes.")],
    style: Annotated[BoxStyle, typer.Option(help="Which of LabelImg's formats.")] = BoxStyle.VOC,
    every: EveryOption = DEFAULT_EVERY_S,
    yunet: YuNetOption = None,
) -> None:
    """Write a picture of each labelled segment, with a box around its face, for LabelImg.

    The pictures are the clip's own: keep them as the clip is kept.
    """
    console = Console(stderr=True)
    with failures_reported():
        answers = read_answers(labels)
        if answers.rater is not Rater.EXPERT:
            raise InputError(f"{labels} is a system's: name a person's labels")
        opened = counted(clip)
        segments = segments_of(opened, every)
        reader = PictureReader(detector_with(yunet), classifier_with(None))
        with Progress(console=console) as progress:
            exported = list(
                progress.track(
                    export_boxes(opened, segments, answers.by_item, reader, out, style),
                    total=len(answers.by_item),
                    description=opened.name,
                )
            )
    for one in exported:
        if one.left is not None:
            typer.echo(f"{one.item} is left out: {one.left.value}")
    count = sum(one.written is not None for one in exported)
    typer.echo(f"{count} of {len(exported)} answered segments are pictures with boxes in {out}")
