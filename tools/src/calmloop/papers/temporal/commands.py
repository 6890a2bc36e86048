"""The commands of `papers temporal`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from calmloop.base.errors import CalmloopError
from calmloop.cli.failures import TellingGroup
from calmloop.cli.outputs import file_option, folder_option, whole_file
from calmloop.emotion_classifier import EmotionClassifierSection
from calmloop.papers.temporal.export import TemporalExport, export_temporal
from calmloop.papers.temporal.folds import cross_validate
from calmloop.papers.temporal.grad_cam import FrameMaps, covering, grad_cam_figure
from calmloop.papers.temporal.study import FIRST, TemporalStudy, run_temporal
from calmloop.papers.temporal.train import TemporalRecipe
from calmloop.training.commands.options import CORES, DataOption, ThreadsOption, refusal
from calmloop.training.data.faces import Usage, without_twins
from calmloop.training.data.readers import load_faces
from calmloop.training.export.provenance import DataSet

app = typer.Typer(cls=TellingGroup, help="An LSTM with attention over a face's last seconds.")


@app.command()
def study(
    data: DataOption,
    out: Annotated[Path, folder_option(help="Run folder; a killed run in it is resumed.")],
    streams: Annotated[int, typer.Option(min=1, help="To learn from.")] = 2000,
    test_streams: Annotated[int, typer.Option(min=1, help="To report on.")] = 300,
    epochs: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Trainings of the first row.")] = 3,
    share: Annotated[
        list[float] | None,
        typer.Option(
            min=0.001,
            max=0.999,
            show_default="0.1, 0.25 and 0.5",
            help="Learn from so much of the faces, beside all of them (several times for several).",
        ),
    ] = None,
    key_frames_from: Annotated[
        float, typer.Option(min=0.1, max=255, help="Frame difference, in gray levels.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    threads: ThreadsOption = CORES,
) -> None:
    """Compare the frame network, the engine's evidence and an LSTM with attention over time."""
    torch.set_num_threads(threads)
    wanted = TemporalStudy(
        recipe=TemporalRecipe(stream_count=streams, epochs=epochs, seed=seed),
        seeds=seeds,
        shares=tuple(sorted(set(share or (0.1, 0.25, 0.5)))),
        key_frames_from=key_frames_from,
        test_streams=test_streams,
    )
    try:
        told = run_temporal(wanted, load_faces(data), out, typer.echo)
    except CalmloopError as error:
        raise refusal(error) from error
    typer.echo(told)


@app.command("cross-validate")
def cross_validated(
    data: DataOption,
    out: Annotated[Path, folder_option(help="Run folder; a killed run in it is resumed.")],
    folds: Annotated[int, typer.Option(min=2, max=20)] = 5,
    streams: Annotated[int, typer.Option(min=1, help="To learn from, in each fold.")] = 2000,
    test_streams: Annotated[int, typer.Option(min=1, help="To report on, in each fold.")] = 300,
    epochs: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    threads: ThreadsOption = CORES,
) -> None:
    """Mean and deviation over folds of faces that the frame network has not learned from."""
    torch.set_num_threads(threads)
    recipe = TemporalRecipe(stream_count=streams, epochs=epochs, seed=seed)
    try:
        told = cross_validate(recipe, folds, test_streams, load_faces(data), out, typer.echo)
    except CalmloopError as error:
        raise refusal(error) from error
    typer.echo(told)


@app.command("grad-cam")
def grad_cam(
    data: DataOption,
    out: Annotated[Path, file_option(help="A PNG of some faces.", makes_folder=True)],
    faces: Annotated[int, typer.Option(min=2, help="To cover parts of.")] = 500,
    seed: Annotated[int, typer.Option(min=0)] = 1,
) -> None:
    """Show which part of a face speaks for what the frame network says, and whether it does."""
    try:
        known = load_faces(data)
        unseen = without_twins(known.part(Usage.PUBLIC_TEST), known.to_train_on())
        drawn = np.random.default_rng(seed).permutation(len(unseen))[:faces]
        maps = FrameMaps(EmotionClassifierSection().model)
        with whole_file(out) as file:
            grad_cam_figure(unseen.where(drawn), maps).savefig(file, format="png", dpi=110)
        fall = covering(unseen.where(drawn), maps)
    except CalmloopError as error:
        raise refusal(error) from error
    falls = {"the hottest": fall.hottest, "the middle": fall.middle, "any": fall.any_part}
    for part, fell in falls.items():
        told = f"{fell.value:.2f} ({fell.low:.2f}–{fell.high:.2f})"
        typer.echo(f"covering {part} part lowers the likeliest emotion's logit by {told}")


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a study that has ended.")],
    data: DataOption,
    out: Annotated[Path, file_option(help="The .tflite; its card beside it.", makes_folder=True)],
    network: Annotated[str, typer.Option(help="A row of the study's table.")] = FIRST,
    prune: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=0.99, help="Take out this share of the hidden units, then learn on."
        ),
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Matrices as int8.")] = False,
    name: Annotated[str, typer.Option(help="What its card calls it.")] = "temporal",
    version: Annotated[str, typer.Option(help="The same.")] = "0.1.0",
    data_set: Annotated[DataSet, typer.Option(help="What the faces are of.")] = DataSet.OTHER,
    threads: ThreadsOption = CORES,
) -> None:
    """Write a trained network for emotion-classifier, and compare it with what there is without."""
    torch.set_num_threads(threads)
    asked = TemporalExport(network, name, version, data_set, prune, int8)
    try:
        typer.echo(export_temporal(run, load_faces(data), out, asked, typer.echo))
    except CalmloopError as error:
        raise refusal(error) from error
