"""The commands of Faster R-CNN."""

from pathlib import Path
from typing import Annotated

import cv2
import torch
import typer

from calmloop.base.errors import CalmloopError, InputError
from calmloop.cli.failures import TellingGroup
from calmloop.cli.outputs import file_option, folder_option, write_text
from calmloop.contract.topics import Account
from calmloop.emotion_classifier import ModelCalibration
from calmloop.face_detector import Settings
from calmloop.papers.frcnn.compose import SceneRecipe, compose
from calmloop.papers.frcnn.detector import build_detector
from calmloop.papers.frcnn.imported import read_labelled
from calmloop.papers.frcnn.pictures import Folds, dealt
from calmloop.papers.frcnn.selection import SelectionRules, read_candidates, select
from calmloop.papers.frcnn.settings import Backbone, Pooling, settings_for
from calmloop.papers.frcnn.stage import (
    MIN_CONFIDENCE,
    MIN_CONFIDENCE_POSITIVE,
    NAME,
    FasterRcnnFaces,
    FasterRcnnStage,
)
from calmloop.papers.frcnn.study import StudyRecipe, pretrained, read_study, run_study
from calmloop.papers.frcnn.table import line, table
from calmloop.papers.frcnn.train import load_trained
from calmloop.papers.runs import Metrics
from calmloop.service.runtime import Context, run
from calmloop.training.commands.options import CORES, ThreadsOption, refusal
from calmloop.training.data.faces import Faces, Usage, without_twins
from calmloop.training.data.readers import load_faces

app = typer.Typer(cls=TellingGroup, help="Faster R-CNN that finds faces and names their group.")


@app.command()
def share() -> None:
    """Count the parameters of each backbone's detector, without making them."""
    for backbone in Backbone:
        with torch.device("meta"):
            detector = build_detector(settings_for(backbone))
        count = sum(parameter.numel() for parameter in detector.parameters())
        typer.echo(f"{backbone}: {count:,} parameters")


@app.command("select")
def select_pictures(
    folder: Annotated[Path, typer.Argument(help="A folder with a manifest.csv.")],
    out: Annotated[Path, file_option(help="A picture a line.", makes_folder=True)],
    min_agreement: Annotated[float, typer.Option(min=0, max=1)] = 0.7,
    most_of_a_scene: Annotated[int, typer.Option(min=1)] = 20,
    peak: Annotated[float, typer.Option(min=0, max=1)] = 0.9,
    peaks_of_a_sequence: Annotated[int, typer.Option(min=1)] = 3,
    min_face_px: Annotated[float, typer.Option(min=0)] = 64,
    most_occluded: Annotated[float, typer.Option(min=0, max=1)] = 0.05,
) -> None:
    """Choose pictures by the paper's Table 1: clear and diverse, peaks, large and uncovered."""
    try:
        candidates = read_candidates(folder)
        rules = SelectionRules(
            min_agreement=min_agreement,
            most_of_a_scene=most_of_a_scene,
            peak=peak,
            peaks_of_a_sequence=peaks_of_a_sequence,
            min_face_px=min_face_px,
            most_occluded=most_occluded,
        )
        taken, left = select(candidates, rules)
        write_text(out, "".join(f"{one.item}\n" for one in taken))
    except CalmloopError as error:
        raise refusal(error) from error
    for rule, count in left.most_common():
        typer.echo(f"{rule}: {count} left out")
    typer.echo(f"{len(taken)} of {len(candidates)} pictures are in {out}")


@app.command()
def study(
    out: Annotated[Path, folder_option(help="Run folder; a killed study in it is resumed.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder with faces, as for training; scenes show its tests.")
    ] = None,
    assets: Annotated[
        Path | None, typer.Option(help="MPFB's assets: scenes show children drawn from them.")
    ] = None,
    labelled: Annotated[
        Path | None, typer.Option(help="LabelImg's folder, in the place of scenes made here.")
    ] = None,
    backbone: Annotated[
        list[Backbone] | None, typer.Option(help="Several times for several.")
    ] = None,
    box_weight: Annotated[
        list[float] | None, typer.Option(help="λ; the first is for the backbones.")
    ] = None,
    pooling: Pooling = Pooling.ALIGN,
    weights: Annotated[
        str | None,
        typer.Option(help="'torchvision', or a folder with vgg16.pt or the like."),
    ] = None,
    pretrain_epochs: Annotated[
        int, typer.Option(min=0, help="Of small backbones, over Training faces.")
    ] = 6,
    epochs: Annotated[int, typer.Option(min=1)] = 5,
    pictures: Annotated[int, typer.Option(min=1, help="Scenes of a fold.")] = 240,
    folds: Annotated[int, typer.Option(min=2, max=20)] = 5,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    threads: ThreadsOption = CORES,
) -> None:
    """Compare backbones and weights of the box loss by cross-validation, beside the paper's."""
    torch.set_num_threads(threads)
    given: dict[str, object] = {}
    if backbone:
        given["backbones"] = tuple(backbone)
    if box_weight:
        given["box_weights"] = tuple(box_weight)
    recipe = StudyRecipe.model_validate(
        {
            "pooling": pooling,
            "weights": weights,
            "pretrain_epochs": 0 if weights or data is None else pretrain_epochs,
            "epochs": epochs,
            "seed": seed,
            **given,
        }
    )
    try:
        faces = None if data is None else load_faces(data)
        scenes = SceneRecipe(per_fold=pictures, folds=folds, seed=seed)
        parts = _pictures(scenes, faces, assets, labelled)
        if faces is not None and recipe.pretrain_epochs:
            pretrained(recipe, faces.to_train_on(), out, _tell_epoch)
        scores = run_study(recipe, parts, out, lambda *one: typer.echo(line(*one)))
    except CalmloopError as error:
        raise refusal(error) from error
    text = table(scores)
    write_text(out / "table.md", text + "\n")
    typer.echo(text)


@app.command("table")
def show_table(
    run: Annotated[Path, typer.Argument(help="Run folder of a study, done or not.")],
) -> None:
    """Show what a study has so far beside the paper's figures."""
    try:
        scores = read_study(run)
        if not scores:
            raise InputError(f"{run} has no fold that is done: wait for it")
    except CalmloopError as error:
        raise refusal(error) from error
    typer.echo(table(scores))


@app.command()
def serve(
    trained: Annotated[
        Path, typer.Argument(help="Run folder of one trained detector, such as CELL/fold1.")
    ],
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Probability above which a group is named.")
    ] = MIN_CONFIDENCE,
    min_confidence_positive: Annotated[
        float, typer.Option(min=0, max=1, help="The same for positive, which can raise.")
    ] = MIN_CONFIDENCE_POSITIVE,
    threads: ThreadsOption = 1,
) -> None:
    """Stand in the place of face detector and emotion classifier, both, until stopped.

    Broker, chair and the rules for faces are CALMLOOP_* settings, as of the face detector.
    """
    torch.set_num_threads(threads)
    cv2.setNumThreads(1)
    try:
        network = load_trained(trained)
    except CalmloopError as error:
        raise refusal(error) from error
    calibration = ModelCalibration(1.0, min_confidence, min_confidence_positive)

    def build(context: Context[Settings]) -> FasterRcnnStage:
        return FasterRcnnStage(
            context, FasterRcnnFaces(network), calibration, f"{NAME} {trained.name}"
        )

    raise typer.Exit(run(Account.FACE_DETECTOR, Settings, build))


def _pictures(
    scenes: SceneRecipe, faces: Faces | None, assets: Path | None, labelled: Path | None
) -> Folds:
    """Scenes show PublicTest's faces, and none that a backbone may have learned from."""
    if labelled is not None:
        return dealt(read_labelled(labelled), scenes.folds, scenes.seed)
    shown = None
    if faces is not None:
        shown = without_twins(faces.part(Usage.PUBLIC_TEST), faces.part(Usage.TRAINING))
    return compose(scenes, shown, assets)


def _tell_epoch(epoch: int, metrics: Metrics) -> None:
    told = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
    typer.echo(f"backbone, epoch {epoch + 1}: {told}")
