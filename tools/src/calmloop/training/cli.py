"""The commands ``train`` and ``export``; Keras loads only when one of them runs."""

# ruff: noqa: PLC0415 - the heavy imports wait until a command runs
import logging
import os
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

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

from calmloop.errors import CalmloopError

from .evaluate_command import evaluate
from .networks import NETWORKS
from .recipe import Recipe

app = typer.Typer(help="Train the emotion network, turn it into int8 and measure it.")
app.command()(evaluate)
_console = Console()

DataOption = Annotated[
    Path,
    typer.Option(help="Folder with faces: fer2013.csv, train/<emotion>/ or another layout."),
]


class Backend(StrEnum):
    """What Keras computes with. On a CPU PyTorch took half of TensorFlow's time per epoch."""

    TORCH = "torch"
    TENSORFLOW = "tensorflow"
    JAX = "jax"


@app.command()
def train(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Run folder; a killed run in it is resumed.")],
    network: Annotated[str, typer.Argument(help=f"One of: {', '.join(NETWORKS)}.")] = "calm",
    epochs: Annotated[int, typer.Option(min=1)] = 40,
    batch_size: Annotated[int, typer.Option(min=2)] = 128,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads; 1 on a busy machine.")] = 1,
    backend: Backend = Backend.TORCH,
    recipe: Annotated[
        Path | None, typer.Option(help="JSON recipe; replaces the options above it covers.")
    ] = None,
) -> None:
    """Train a network, or go on where a killed run stopped."""
    _choose_backend(backend, threads)
    from .curves import draw_curves
    from .runs import RunFolder
    from .train import train as run_training

    try:
        chosen = _recipe(recipe, network, epochs, batch_size, seed, backend)
        out.mkdir(parents=True, exist_ok=True)
        _log_to(RunFolder(out).log)
        with _progress() as bar:
            task = bar.add_task(chosen.network)

            def show(epoch: int, batch: int, batches: int) -> None:
                bar.update(task, total=chosen.epochs * batches, completed=epoch * batches + batch)

            history = run_training(chosen, data, out, show)
        draw_curves(RunFolder(out))
    except CalmloopError as error:
        raise _refusal(error) from error
    best = min(history, key=lambda figures: figures.validation_loss)
    _console.print(
        f"best epoch {best.epoch + 1} of {len(history)}: "
        f"validation accuracy {best.validation_accuracy:.1%}; now: calmloop export {out}"
    )


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Run folder made by train.")],
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Folder for NAME.tflite and NAME.json.")],
    name: str = "calm",
    version: str = "0.1.0",
    note: Annotated[str, typer.Option(help="A sentence for the card.")] = "",
) -> None:
    """Quantise a run's best weights to int8 and write the card."""
    _choose_backend(Backend.TENSORFLOW, threads=1)
    from .export import Release
    from .export import export as run_export

    try:
        card = run_export(run, data, out, Release(name, version, note))
    except CalmloopError as error:
        raise _refusal(error) from error
    _console.print(
        f"{out / name}.tflite: PublicTest {card.metrics['PublicTest']['accuracy_7']:.1%}"
    )


def _choose_backend(backend: Backend, threads: int) -> None:
    """Must come before Keras is imported: it reads the environment once."""
    missing = [name for name in ("keras", backend.value, "matplotlib") if find_spec(name) is None]
    if missing:
        text = f"no package {', '.join(missing)} here: training needs requirements/train.txt"
        typer.echo(f"{text}, in a virtual environment of its own", err=True)
        raise typer.Exit(2)
    os.environ["KERAS_BACKEND"] = backend.value
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["OMP_NUM_THREADS"] = str(threads)


def _recipe(
    path: Path | None, network: str, epochs: int, batch_size: int, seed: int, backend: Backend
) -> Recipe:
    if path is not None:
        return Recipe.load(path)
    precision = "mixed_bfloat16" if backend is Backend.TORCH else "float32"
    return Recipe(
        network=network, epochs=epochs, batch_size=batch_size, seed=seed, precision=precision
    )


def _log_to(path: Path) -> None:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("calmloop.training")
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


def _refusal(error: CalmloopError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)
