"""The commands of CLIP with LoRA."""

import json
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from matplotlib.figure import Figure
from rich.console import Console

from calmloop.base.errors import CalmloopError, InputError
from calmloop.cli.failures import TellingGroup
from calmloop.cli.outputs import file_option, folder_option, write_text
from calmloop.papers.clip.classifier import build_classifier, load_tower
from calmloop.papers.clip.compare import Scored, chance, merge_cost, table
from calmloop.papers.clip.full_size import count_full_size
from calmloop.papers.clip.tiny import PretrainRecipe, pretrain
from calmloop.papers.clip.tune import TuneRecipe, load_tuned, logits_of, tune
from calmloop.papers.clip.zero_shot import load_clip, zero_shot_logits
from calmloop.papers.runs import Metrics, read_checkpoint
from calmloop.training.commands.options import CORES, DataOption, ThreadsOption, refusal
from calmloop.training.data.faces import Faces, Usage
from calmloop.training.data.readers import load_faces
from calmloop.training.learn.targets import save_teacher

app = typer.Typer(cls=TellingGroup, help="CLIP's vision tower with LoRA and a head.")
_console = Console()

ClipArgument = Annotated[Path, typer.Argument(help="Folder of a CLIP, as transformers saves one.")]
RunArgument = Annotated[Path, typer.Argument(help="Run folder made by tune.")]
OutOption = Annotated[Path, folder_option(help="Run folder; a killed run in it is resumed.")]
EpochsOption = Annotated[int, typer.Option(min=1, max=1000)]
SeedOption = Annotated[int, typer.Option(min=0)]


@app.command()
def share() -> None:
    """Count what is trained at full size, on ViT-L/14's configuration without its weights."""
    for line in count_full_size().lines():
        typer.echo(line)


@app.command("pretrain")
def pretrain_tiny(
    data: DataOption,
    out: OutOption,
    epochs: EpochsOption = 6,
    seed: SeedOption = 1,
    threads: ThreadsOption = CORES,
) -> None:
    """Train the tiny CLIP from nothing on faces and captions of their FER+ votes."""
    torch.set_num_threads(threads)
    try:
        recipe = PretrainRecipe(epochs=epochs, seed=seed)
        history = pretrain(recipe, load_faces(data), out, _tell)
    except CalmloopError as error:
        raise refusal(error) from error
    _keep(out, history)
    typer.echo(f"{out / 'clip'}: now tune it")


@app.command("tune")
def tune_lora(
    clip: ClipArgument,
    data: DataOption,
    out: OutOption,
    epochs: EpochsOption = 5,
    seed: SeedOption = 1,
    threads: ThreadsOption = CORES,
    head_only: Annotated[
        bool, typer.Option("--head-only", help="Without LoRA, to compare with.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="No augmentation and no class weights, to compare with.")
    ] = False,
) -> None:
    """Train LoRA and head on the Training faces."""
    torch.set_num_threads(threads)
    given: dict[str, Any] = {"rank": None} if head_only else {}
    if plain:
        given |= {"class_weights": False, "trivial_p": 0.0, "erase_p": 0.0, "mix_p": 0.0}
    try:
        recipe = TuneRecipe(clip=str(clip), epochs=epochs, seed=seed, **given)
        history = tune(recipe, load_faces(data), out, _tell)
    except CalmloopError as error:
        raise refusal(error) from error
    _keep(out, history)


@app.command()
def compare(
    clip: ClipArgument,
    data: DataOption,
    run: Annotated[
        list[Path] | None, typer.Option(help="Run folder made by tune; several times for several.")
    ] = None,
    split: Annotated[Usage, typer.Option(help="Which faces to measure.")] = Usage.PUBLIC_TEST,
    threads: ThreadsOption = CORES,
) -> None:
    """Measure zero-shot and tuned runs on the same faces."""
    torch.set_num_threads(threads)
    try:
        faces = load_faces(data).part(split)
        rows = [*chance(faces), *_measured(clip, run or [], faces)]
    except CalmloopError as error:
        raise refusal(error) from error
    _console.print(f"{len(faces)} faces of {split}")
    typer.echo(table(rows))


def _measured(clip: Path, runs: list[Path], faces: Faces) -> list[Scored]:
    zero_shot = zero_shot_logits(*load_clip(clip), faces.images)
    rows = [Scored.of("zero-shot", zero_shot, faces.emotion)]
    for run in runs:
        rows.append(Scored.of(run.name, logits_of(load_tuned(run), faces.images), faces.emotion))
    return rows


@app.command()
def merge(
    run: RunArgument,
    data: DataOption,
    out: Annotated[Path, folder_option(help="Folder for the merged tower and its head.")],
    threads: ThreadsOption = CORES,
) -> None:
    """Merge LoRA into the tower, write both parts, and measure what that changes."""
    torch.set_num_threads(threads)
    try:
        tuned = load_tuned(run)
        recipe = TuneRecipe.model_validate_json(read_checkpoint(run)["recipe"])
        if recipe.rank is None:
            raise InputError(f"{run} was trained without LoRA: nothing is to be merged")
        images = load_faces(data).images[:64]
        base = build_classifier(load_tower(Path(recipe.clip)), 7, None)
    except CalmloopError as error:
        raise refusal(error) from error
    for line in merge_cost(base, tuned, images).lines():
        typer.echo(line)
    merged = tuned.merged()
    merged.tower.save_pretrained(out / "tower")
    torch.save(merged.head.state_dict(), out / "head.pt")


@app.command()
def teach(
    run: RunArgument,
    data: DataOption,
    out: Annotated[
        Path, file_option(help="Logits; then: train --teacher FILE.", makes_folder=True)
    ],
    threads: ThreadsOption = CORES,
) -> None:
    """Save what a tuned CLIP thinks of the training faces, for `train --teacher`."""
    torch.set_num_threads(threads)
    try:
        faces = load_faces(data).to_train_on()
        out.parent.mkdir(parents=True, exist_ok=True)
        save_teacher(out, faces.images, logits_of(load_tuned(run).merged(), faces.images))
    except CalmloopError as error:
        raise refusal(error) from error
    typer.echo(f"{out}: logits of {len(faces)} faces")


def _tell(epoch: int, metrics: Metrics) -> None:
    told = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
    typer.echo(f"epoch {epoch + 1}: {told}")


def _keep(out: Path, history: list[Metrics]) -> None:
    """The metrics of each epoch as JSON, and as curves."""
    write_text(out / "history.json", json.dumps(history, indent=1) + "\n")
    names = [name for name in history[-1] if name != "duration_s"]
    figure = Figure(figsize=(4.5 * len(names), 3.5), layout="constrained")
    for name, axes in zip(names, figure.subplots(1, len(names), squeeze=False)[0], strict=True):
        axes.plot(range(1, len(history) + 1), [metrics[name] for metrics in history], marker="o")
        axes.set(title=name.replace("_", " "), xlabel="epoch")
        axes.grid(alpha=0.3)
    figure.savefig(out / "curves.png", dpi=110)
