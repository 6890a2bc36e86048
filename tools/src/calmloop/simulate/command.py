"""The command `simulate`."""

# ruff: noqa: PLC0415 - the heavy imports wait until the command runs
import json
from contextlib import closing
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
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

from calmloop.base.errors import InputError
from calmloop.cli.failures import say
from calmloop.cli.outputs import folder_option, make_folder, write_text
from calmloop.simulate.streams import Stream

if TYPE_CHECKING:
    from calmloop.simulate.engines import StudiedEngine
    from calmloop.simulate.parallel import Workers
    from calmloop.simulate.study import Study, StudyPlan

NEVER = "never"


class EngineName(StrEnum):
    """What can be studied."""

    PRODUCT = "product"
    PAPER = "paper"


def _seconds(text: str) -> float | None:
    if text == NEVER:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.0 < seconds <= 600.0:
        raise typer.BadParameter(f"{text!r}: seconds, above 0 and at most 600, or '{NEVER}'")
    return seconds


def simulate(
    engine: Annotated[
        EngineName, typer.Option(help="The product's, or the paper's bare rule.")
    ] = EngineName.PRODUCT,
    children: Annotated[
        int, typer.Option(min=1, max=100_000, help="Of each experiment and stream.")
    ] = 200,
    stream: Annotated[
        list[Stream] | None,
        typer.Option(help="How answers follow one another (several times for several); else all."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Experiments whose name begins so, such as 'crying'."),
    ] = None,
    caregiver: Annotated[
        str, typer.Option(metavar="SECONDS|never", help="When a caregiver answers.")
    ] = "20",
    earlier: Annotated[
        int, typer.Option(min=0, max=100, help="Calm sessions that each child had before.")
    ] = 0,
    eyes: Annotated[
        bool, typer.Option("--eyes", help="As if closed eyes could be told, which they cannot yet.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same report.")] = 1,
    rate: Annotated[
        float, typer.Option(min=2.0, max=30.0, help="Frames and turns a second.")
    ] = 5.0,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as cores by default.")
    ] = None,
    ray: Annotated[
        bool, typer.Option("--ray", help="On Ray instead: RAY_ADDRESS's cluster.")
    ] = False,
    answers: Annotated[
        Path | None, typer.Option(help="Of another network, made by measure-answers.")
    ] = None,
    out: Annotated[Path | None, folder_option(help="Folder for report.json and PNG plots.")] = None,
) -> None:
    """Run thousands of sessions of simulated children, and say how the engine does."""
    from calmloop.simulate.answers import load
    from calmloop.simulate.parallel import workers
    from calmloop.simulate.report import print_study
    from calmloop.simulate.session import Conditions
    from calmloop.simulate.study import StudyPlan

    base = Conditions(rate_hz=rate, answers_after_s=_seconds(caregiver), earlier=earlier)
    streams = tuple(dict.fromkeys(stream or Stream))
    plan = StudyPlan(
        _engine(engine, eyes), streams, children, seed, base, answers, tuple(only or ())
    )
    _refuse_nothing(plan)
    load(answers)
    with closing(workers(jobs, ray=ray)) as crew:
        if out is not None:
            make_folder(out)
        study = _run(plan, crew)
    print_study(study, Console())
    if out is not None:
        _write(study, out)


def _engine(name: EngineName, eyes: bool) -> "StudiedEngine":
    from calmloop.simulate.paper import Paper
    from calmloop.simulate.product import Product

    return Paper() if name is EngineName.PAPER else Product(eyes=eyes)


def _refuse_nothing(plan: "StudyPlan") -> None:
    if not plan.experiments and not plan.learns:
        known = [experiment.name for experiment in replace(plan, only=()).experiments]
        raise InputError(
            f"--only {' '.join(plan.only)}: no experiment; there are {', '.join(known)}"
        )


def _run(plan: "StudyPlan", crew: "Workers") -> "Study":
    from calmloop.simulate.study import run

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("sessions", total=plan.sessions)
        return run(plan, crew, lambda done: bar.advance(task, done))


def _write(study: "Study", folder: Path) -> None:
    from calmloop.simulate.plots import draw

    report = folder / "report.json"
    write_text(report, json.dumps(study.as_json(), indent=2) + "\n")
    pictures = draw(study, folder)
    say(f"{report} and {', '.join(path.name for path in pictures)} beside it")
