"""The commands ``train``, ``teach`` and ``export``; Keras loads only when one of them runs."""

# ruff: noqa: PLC0415 - the heavy imports wait until a command runs
import logging
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from calmloop.base.errors import CalmloopError
from calmloop.cli.failures import TellingGroup
from calmloop.cli.outputs import file_option, folder_option
from calmloop.training.commands import data as data_command
from calmloop.training.commands.evaluate import baseline, evaluate
from calmloop.training.commands.merge import merge
from calmloop.training.commands.options import (
    CORES,
    BackendOption,
    DataOption,
    KerasBackend,
    ThreadsOption,
    choose_backend,
    refusal,
)
from calmloop.training.export.provenance import DataSet
from calmloop.training.learn.recipe import JOINT_WEIGHTS, PLAIN, JointWeights, Recipe, Schedule
from calmloop.training.measure.calling import NEVER
from calmloop.training.networks import NETWORKS

if TYPE_CHECKING:
    from calmloop.training.learn.checkpoint import EpochMetrics

app = typer.Typer(
    cls=TellingGroup, help="Train the emotion network, turn it into int8 and measure it."
)
app.command()(evaluate)
app.command()(baseline)
app.command()(merge)
app.add_typer(data_command.app, name="data")
_console = Console()

JointWeightsOption = Annotated[
    tuple[float, float, float],
    typer.Option(help="For --joint: of classification, regularisation, class centres."),
]
ClassWeightsOption = Annotated[
    bool, typer.Option("--class-weights", help="Rare emotions count more: N / (C N_c).")
]
MixOption = Annotated[
    float, typer.Option(min=0, max=1, help="Share of batches through mixup or CutMix.")
]
GroupWeightOption = Annotated[
    float, typer.Option(min=0, max=10, help="How much the three groups count besides.")
]
SpoilOption = Annotated[
    float, typer.Option(min=0, max=1, help="Share of faces that are covered, blurred, turned.")
]
NoFaceOption = Annotated[
    float, typer.Option(min=0, max=1, help="Share of pictures that show no face to read.")
]
JointOption = Annotated[
    bool, typer.Option("--joint", help="With regularisation and class centres in the loss.")
]
PlainOption = Annotated[
    bool, typer.Option("--plain", help="Hard labels, no augmentation, as in the main paper.")
]
FoldsOption = Annotated[
    int, typer.Option(min=1, max=50, help="Train so many runs, each validated on its part.")
]
TeacherOption = Annotated[
    Path | None, typer.Option(help="Learn from a teacher's logits, made by teach.")
]
StartOption = Annotated[
    Path | None,
    typer.Option(
        help="Run folder, .tflite with its card, or .pth of ImageNet, whose weights to start from."
    ),
]
RecipeOption = Annotated[
    Path | None, typer.Option(help="JSON recipe instead of the options above, but --folds.")
]


@app.command()
def train(
    data: DataOption,
    out: Annotated[Path, folder_option(help="Run folder; a killed run in it is resumed.")],
    network: Annotated[str, typer.Argument(help=f"One of: {', '.join(NETWORKS)}.")] = "calm",
    epochs: Annotated[int, typer.Option(min=1, max=1000)] = 75,
    batch_size: Annotated[int, typer.Option(min=2, max=4096)] = 128,
    seed: Annotated[int, typer.Option(min=0)] = 2,
    threads: ThreadsOption = CORES,
    backend: BackendOption = None,
    schedule: Schedule = Schedule.COSINE,
    class_weights: ClassWeightsOption = False,
    mix: MixOption = 0.0,
    group_weight: GroupWeightOption = 0.0,
    spoil: SpoilOption = 0.0,
    no_face: NoFaceOption = 0.0,
    joint: JointOption = False,
    joint_weights: JointWeightsOption = JOINT_WEIGHTS,
    teacher: TeacherOption = None,
    start: StartOption = None,
    plain: PlainOption = False,
    folds: FoldsOption = 1,
    recipe: RecipeOption = None,
) -> None:
    """Train a network, or go on where a killed run stopped."""
    used = choose_backend(backend, threads)
    try:
        chosen = (
            Recipe.load(recipe)
            if recipe is not None
            else Recipe(
                network=network,
                epochs=epochs,
                batch_size=batch_size,
                seed=seed,
                precision="mixed_bfloat16" if used is KerasBackend.TORCH else "float32",
                schedule=schedule,
                class_weights=class_weights,
                mix_p=mix,
                group_weight=group_weight,
                spoil_p=spoil,
                no_face_p=no_face,
                joint=JointWeights.of(*joint_weights) if joint else None,
                teacher=_text_of(teacher),
                start=_text_of(start),
                **(PLAIN if plain else {}),
            )
        )
        outcome = _train_folds(chosen, data, out, folds)
    except CalmloopError as error:
        raise refusal(error) from error
    _console.print(outcome)


def _text_of(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _train_folds(recipe: Recipe, data: Path, out: Path, folds: int) -> str:
    """Trains one run, or one of each part; returns what to say of it."""
    if folds == 1:
        best = _train_one(recipe, data, out)
        return (
            f"best epoch {best.epoch + 1}: validation accuracy "
            f"{best.validation_accuracy:.1%}; now: python -m calmloop.training "
            f"export {out} --data {data} --out FOLDER"
        )
    accuracies = []
    for fold in range(folds):
        part = recipe.model_copy(update={"folds": folds, "fold": fold})
        accuracies.append(_train_one(part, data, out / f"fold-{fold}").validation_accuracy)
    return (
        f"{folds} folds: validation accuracy {mean(accuracies):.1%}, "
        f"standard deviation {stdev(accuracies):.1%}"
    )


@app.command()
def teach(
    run: Annotated[Path, typer.Argument(help="The teacher: run folder, or .tflite with its card.")],
    data: DataOption,
    out: Annotated[
        Path,
        file_option(help="Logits; then: train --teacher FILE.", makes_folder=True),
    ],
    threads: ThreadsOption = CORES,
    backend: BackendOption = None,
) -> None:
    """Save what a trained network thinks of the training faces, for a smaller one to learn."""
    choose_backend(backend, threads)
    from calmloop.training.learn.train import save_opinion

    try:
        count = save_opinion(run, data, out)
    except CalmloopError as error:
        raise refusal(error) from error
    _console.print(f"{out}: logits of {count} faces")


@app.command()
def ablate(
    data: DataOption,
    out: Annotated[Path, folder_option(help="Folder for the runs and ablation.json; resumed.")],
    share: Annotated[float, typer.Option(min=0.01, max=1, help="Of the training faces.")] = 0.2,
    epochs: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    seeds: Annotated[
        int, typer.Option(min=1, max=20, help="So many, from --seed on: mean and deviation.")
    ] = 1,
    teacher: Annotated[
        Path | None, typer.Option(help="A teacher's logits, made by teach, for distillation.")
    ] = None,
    idea: Annotated[
        list[str] | None, typer.Option(help="Only this one (several times for several).")
    ] = None,
    threads: ThreadsOption = CORES,
    backend: BackendOption = None,
) -> None:
    """Train each idea alone on the same small budget, and say what it brings."""
    choose_backend(backend, threads)
    from calmloop.training.learn.ablation import base_recipe
    from calmloop.training.learn.seeds import measured

    try:
        shown = measured(data, out, base_recipe(share, epochs, seed), seeds, teacher, idea or ())
    except CalmloopError as error:
        raise refusal(error) from error
    _console.print(shown)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Run folder made by train.")],
    data: DataOption,
    out: Annotated[Path, folder_option(help="Folder for NAME.tflite and NAME.json.")],
    name: str = "calm",
    version: str = "0.1.0",
    note: Annotated[str, typer.Option(help="A sentence for the card.")] = "",
    data_set: Annotated[
        DataSet, typer.Option(help="What the card says of the data and what they permit.")
    ] = DataSet.OTHER,
    once: Annotated[
        bool, typer.Option("--once", help="Look at a face once, and not at its mirror image, too.")
    ] = False,
    last: Annotated[
        bool, typer.Option("--last", help="The last epoch's weights, not the best one's.")
    ] = False,
) -> None:
    """Quantise a run's best weights to int8 and write the card."""
    choose_backend(KerasBackend.TENSORFLOW, threads=1)
    from calmloop.training.export.release import Release
    from calmloop.training.export.release import export as run_export

    try:
        card = run_export(run, data, out, Release(name, version, note, data_set, not once, last))
    except CalmloopError as error:
        raise refusal(error) from error
    limit = card.thresholds.min_confidence_positive
    _console.print(
        f"{out / name}.tflite: PublicTest {card.metrics['PublicTest']['accuracy_7']:.1%}; "
        + ("never calls a face positive" if limit == NEVER else f"positive from {limit:.2f}")
    )


def _train_one(recipe: Recipe, data: Path, out: Path) -> "EpochMetrics":
    """One run with a progress bar and curves; returns its best epoch."""
    from calmloop.training.learn.curves import draw_curves
    from calmloop.training.learn.runs import RunFolder
    from calmloop.training.learn.train import train as run_training

    out.mkdir(parents=True, exist_ok=True)
    _log_to(RunFolder(out).log)
    with _progress() as bar:
        task = bar.add_task(recipe.network)

        def show(epoch: int, batch: int, batches: int) -> None:
            bar.update(task, total=recipe.epochs * batches, completed=epoch * batches + batch)

        history = run_training(recipe, data, out, show)
    draw_curves(RunFolder(out))
    return min(history, key=lambda epoch: epoch.validation_loss)


def _log_to(path: Path) -> None:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("calmloop.training")
    for old in [known for known in logger.handlers if isinstance(known, logging.FileHandler)]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=_console,
    )
