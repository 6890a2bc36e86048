"""The commands ``evaluate``, networks side by side, and ``baseline``, a classical reference."""

# ruff: noqa: PLC0415 - the heavy imports wait until the command runs
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from calmloop.base.errors import CalmloopError
from calmloop.cli.outputs import file_option, folder_option, write_text
from calmloop.training.data.faces import Usage, usage_named, without_twins
from calmloop.training.tflite.peers import BENCH_ENVIRONMENT, Peer

if TYPE_CHECKING:
    from calmloop.training.data.faces import Faces
    from calmloop.training.measure.candidate import Candidate, CandidateAnswers

SplitOption = Annotated[
    Usage,
    typer.Option(
        parser=usage_named, metavar="PART", help="train, test; Training, PublicTest, PrivateTest."
    ),
]


def evaluate(
    models: Annotated[list[Path], typer.Argument(help=".tflite files with their cards.")],
    data: Annotated[Path, typer.Option(help="Folder with faces, in any layout that train reads.")],
    split: SplitOption = Usage.PUBLIC_TEST,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Without the faces that are also in Training.")
    ] = False,
    corrupt: Annotated[
        bool, typer.Option("--corrupt", help="Also dark, blurred, covered, turned, noisy faces.")
    ] = False,
    spoil: Annotated[
        bool, typer.Option("--spoil", help="Also faces of which little can be seen, and none.")
    ] = False,
    peer: Annotated[Peer | None, typer.Option(help="Another package's network beside.")] = None,
    peer_environment: Annotated[
        Path, typer.Option(help="The virtual environment that the peer is installed in.")
    ] = Path(BENCH_ENVIRONMENT),
    pictures: Annotated[
        Path | None, folder_option(help="Folder for confusion and risk-coverage PNGs.")
    ] = None,
    report: Annotated[
        Path | None,
        file_option(help="One HTML page: tables, and the curves drawn."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All metrics as JSON.")] = False,
) -> None:
    """Measure int8 networks side by side."""
    _check_can_draw({"--pictures": pictures, "--report": report})
    from calmloop.training.data.readers import part_name
    from calmloop.training.measure.candidate import CandidateAnswers
    from calmloop.training.measure.evaluate import evaluate as measure

    try:
        candidates = _candidates(models, peer, peer_environment)
        faces = _faces(data, split, unseen)
    except CalmloopError as error:
        raise _refused(str(error)) from error
    part = part_name(data, split)
    answers = [CandidateAnswers(candidate, faces) for candidate in candidates]
    results = [measure(one, with_corruptions=corrupt, spoiled=spoil) for one in answers]
    if as_json:
        typer.echo(json.dumps([{"part": part, **result} for result in results], indent=2))
    else:
        _print(results, part)
    if pictures is not None:
        _draw(answers, pictures)
    if report is not None:
        write_text(report, _page(results, answers, part))


def _check_can_draw(asked: dict[str, Path | None]) -> None:
    for option, path in asked.items():
        if path is not None and find_spec("matplotlib") is None:
            raise _refused(
                f"no package matplotlib here: {option} needs the environment that `make training` "
                f"makes; leave {option} out for the metrics alone"
            )


def _page(results: list[dict[str, Any]], answers: list["CandidateAnswers"], part: str) -> str:
    from calmloop.training.measure.report import page

    return page(results, answers, part)


def _candidates(models: Sequence[Path], peer: Peer | None, environment: Path) -> list["Candidate"]:
    from calmloop.training.measure.candidate import open_model, open_peer

    own = [open_model(model) for model in models]
    return own if peer is None else [*own, open_peer(peer, environment)]


def _faces(data: Path, split: Usage, unseen: bool) -> "Faces":
    from calmloop.training.data.readers import load_faces

    everything = load_faces(data)
    faces = everything.part(split)
    return without_twins(faces, everything.part(Usage.TRAINING)) if unseen else faces


def baseline(
    data: Annotated[Path, typer.Option(help="Folder with faces, in any layout that train reads.")],
    split: SplitOption = Usage.PUBLIC_TEST,
) -> None:
    """Train and measure the classical reference, HOG and a linear SVM; prints JSON."""
    from calmloop.training.measure.baseline import measure_baseline

    try:
        metrics = measure_baseline(data, split)
    except CalmloopError as error:
        raise _refused(str(error)) from error
    typer.echo(json.dumps(metrics, indent=2))


def _refused(text: str) -> typer.Exit:
    typer.echo(text, err=True)
    return typer.Exit(2)


def _draw(answers: Sequence["CandidateAnswers"], folder: Path) -> None:
    from calmloop.training.measure import plots

    folder.mkdir(parents=True, exist_ok=True)
    for n, one in enumerate(answers):
        stem = f"{n + 1}-{one.candidate.name.replace(' ', '-')}"
        for name, figure in {
            "confusion": plots.confusion(one),
            "risk-coverage": plots.risk_coverage(one),
        }.items():
            figure.savefig(folder / f"{stem}-{name}.png", dpi=120)


def _print(results: Sequence[dict[str, Any]], part: str) -> None:
    from calmloop.training.measure.tables import tables

    console = Console()
    for one in tables(results, part):
        table = Table(title=one.title)
        table.add_column("metric")
        for name in one.names:
            table.add_column(name, justify="right")
        for row in one.rows:
            table.add_row(*row)
        console.print(table)
