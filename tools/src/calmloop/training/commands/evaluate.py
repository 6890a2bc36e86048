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
from calmloop.cli.outputs import folder_option
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import Usage, usage_named, without_twins
from calmloop.training.tflite.peers import BENCH_ENVIRONMENT, Peer

if TYPE_CHECKING:
    from calmloop.training.data.faces import Faces
    from calmloop.training.measure.evaluate import Candidate

_SHARES = (
    "accuracy_7",
    "accuracy_3",
    "macro_f1",
    "calibration_error_before",
    "calibration_error_after",
)
_OF_THE_CARD = {
    "temperature": ("temperature",),
    "limit": ("limits", "card", "min_confidence"),
    "limit, positive": ("limits", "card", "min_confidence_positive"),
    "limit, negative": ("limits", "card", "min_confidence_negative"),
    "coverage": ("operating", "coverage"),
    "positive_called": ("operating", "positive_called"),
    "positive_wrong": ("operating", "positive_wrong"),
    "other_wrong": ("operating", "other_wrong"),
    "neutral called negative": ("operating", "neutral_as_negative"),
    "positive limit for 5 % wrong here": ("limits", "positive_for_5_percent_wrong"),
    "card, PublicTest: float_accuracy": ("card_PublicTest", "float_accuracy"),
    "card, PublicTest: same_label": ("card_PublicTest", "same_label"),
}
"""Rows that a peer without a card does not have."""


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
    as_json: Annotated[bool, typer.Option("--json", help="All metrics as JSON.")] = False,
) -> None:
    """Measure int8 networks side by side."""
    if pictures is not None and find_spec("matplotlib") is None:
        raise _refused(
            "no package matplotlib here: --pictures needs the environment that `make training` "
            "makes; leave --pictures out for the metrics alone"
        )
    from calmloop.training.data.readers import part_name
    from calmloop.training.measure.evaluate import evaluate as measure

    try:
        candidates = _candidates(models, peer, peer_environment)
        faces = _faces(data, split, unseen)
    except CalmloopError as error:
        raise _refused(str(error)) from error
    part = part_name(data, split)
    results = [
        measure(candidate, faces, with_corruptions=corrupt, spoiled=spoil)
        for candidate in candidates
    ]
    if as_json:
        typer.echo(json.dumps([{"part": part, **result} for result in results], indent=2))
    else:
        _print(results, part)
    if pictures is not None:
        _draw(candidates, faces, pictures)


def _candidates(models: Sequence[Path], peer: Peer | None, environment: Path) -> list["Candidate"]:
    from calmloop.training.measure.evaluate import open_model, open_peer

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


def _draw(candidates: Sequence["Candidate"], faces: "Faces", folder: Path) -> None:
    from calmloop.training.measure import metrics
    from calmloop.training.measure.plots import draw_confusion, draw_risk_coverage

    folder.mkdir(parents=True, exist_ok=True)
    for n, candidate in enumerate(candidates):
        logits = candidate.network.logits(faces.images)
        stem = f"{n + 1}-{candidate.name.replace(' ', '-')}"
        counts = metrics.confusion(logits, faces.emotion)
        draw_confusion(counts, candidate.name, folder / f"{stem}-confusion.png")
        draw_risk_coverage(logits, faces.emotion, candidate, folder / f"{stem}-risk-coverage.png")


def _print(results: Sequence[dict[str, Any]], part: str) -> None:
    console = Console()
    for table in _tables(results, part):
        console.print(table)


def _tables(results: Sequence[dict[str, Any]], part: str) -> list[Table]:
    title = f"{results[0]['faces']} faces of {part}"
    if absent := results[0]["absent"]:
        title += f"; none shows {', '.join(absent)}: left out of macro_f1"
    tables = [_metrics(results, title), _per_class(results)]
    if "corrupted" in results[0]:
        tables.append(_corrupted(results))
    if "spoiled" in results[0]:
        tables.append(_spoiled(results))
    return tables


def _metrics(results: Sequence[dict[str, Any]], title: str) -> Table:
    table = _table(title, results)
    for key in _SHARES:
        table.add_row(key, *(_share(result[key], "{:.4f}", 1) for result in results))
    for name, path in _OF_THE_CARD.items():
        table.add_row(name, *(_cell(result, path) for result in results))
    table.add_row("bytes", *(f"{result['bytes']}" for result in results))
    for runtime in results[0]["latency_ms"]:
        cells = (f"{result['latency_ms'][runtime]:.3f}" for result in results)
        table.add_row(f"ms a face, {runtime}", *cells)
    return table


def _share(share: float | None, form: str = "{:.1f}", factor: float = 100) -> str:
    return "-" if share is None else form.format(factor * share)


def _cell(result: dict[str, Any], path: Sequence[str]) -> str:
    found: Any = result
    for key in path:
        found = found.get(key, {})
    return "-" if found == {} else str(found)


def _per_class(results: Sequence[dict[str, Any]]) -> Table:
    table = _table("precision / recall, %", results)
    for emotion in EMOTIONS:
        pairs = ((result["precision"][emotion], result["recall"][emotion]) for result in results)
        table.add_row(emotion, *(" / ".join(map(_share, pair)) for pair in pairs))
    return table


def _corrupted(results: Sequence[dict[str, Any]]) -> Table:
    table = _table("corrupted: 7 classes / 3 groups, %", results)
    for kind in results[0]["corrupted"]:
        pairs = (result["corrupted"][kind].values() for result in results)
        table.add_row(kind, *(" / ".join(map(_share, pair)) for pair in pairs))
    return table


def _spoiled(results: Sequence[dict[str, Any]]) -> Table:
    table = _table("spoiled: labelled, of these wrong, of positive wrong, %; ECE", results)
    for way in results[0]["spoiled"]:
        table.add_row(way, *(_spoiled_cell(result["spoiled"][way]) for result in results))
    return table


def _spoiled_cell(told: dict[str, float]) -> str:
    if "wrong" not in told:
        return _share(told["labelled"])
    shares = (told["labelled"], told["wrong"], told["positive_wrong"])
    return f"{' / '.join(map(_share, shares))}; {told['ece']:.3f}"


def _table(title: str, results: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=title)
    table.add_column("metric")
    for result in results:
        table.add_column(result["model"], justify="right")
    return table
