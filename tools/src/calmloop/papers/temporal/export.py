"""From a run to the file that emotion-classifier runs, with its card and what it costs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from calmloop.base.errors import InputError
from calmloop.cli.outputs import write_text
from calmloop.emotion_classifier import (
    MAX_VERSION_LENGTH,
    NAME_PATTERN,
    RUNTIMES,
    TEMPORAL_FEATURES,
    TEMPORAL_LABELS,
    EmotionClassifierSection,
    FrameNetwork,
    TemporalCard,
    TemporalTflite,
    card_path,
    digest,
    read_card,
)
from calmloop.papers.temporal.compose import compose_streams
from calmloop.papers.temporal.exported import (
    MeasuredFile,
    compared_scores,
    costs_table,
    file_metrics,
    measured_file,
)
from calmloop.papers.temporal.features import answered, with_moved
from calmloop.papers.temporal.folding import check_exportable, folded, longest_window
from calmloop.papers.temporal.measure import table
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.pruning import pruned
from calmloop.papers.temporal.study import (
    FIRST,
    TEST_SEED,
    TemporalStudy,
    read_temporal_study,
    trained_folder,
)
from calmloop.papers.temporal.tflite import temporal_file
from calmloop.papers.temporal.train import (
    TemporalRecipe,
    to_learn_from,
    train_temporal,
    trained,
    training_windows,
)
from calmloop.training.data.faces import Faces, Usage, without_twins
from calmloop.training.export.provenance import (
    INTENDED_USE,
    LIMITS,
    PROVENANCE,
    WEIGHTS_LICENCE,
    DataSet,
)
from calmloop.training.tflite.network import operators

COMPOSED = (
    "Trained on composed streams, in which a face stands still and then jumps to another one: how"
    " it does on filmed people is not measured."
)


@dataclass(frozen=True)
class TemporalExport:
    """What a person says about an exported network.

    Attributes:
        network: Its name in the study's table.
        name: What its card calls it.
        version: The same.
        data_set: What its faces are of.
        prune: Share of the hidden units to take out, with as many epochs again for the rest; None
            takes out none.
        int8: Whether its matrices become int8.
    """

    network: str = FIRST
    name: str = "temporal"
    version: str = "0.1.0"
    data_set: DataSet = DataSet.OTHER
    prune: float | None = None
    int8: bool = False


@dataclass(frozen=True)
class _Variant:
    name: str
    network: AttendingLstm
    int8: bool


def export_temporal(
    run: Path, faces: Faces, out: Path, asked: TemporalExport, told: Callable[[str], None]
) -> str:
    """Writes the file and its card; returns the table of what was saved and at what price.

    What lay there before is replaced once both are whole.

    Raises:
        InputError: the folder holds no such network, it cannot be exported, a part of the faces is
            missing, or a name does not fit.
    """
    _check(out, asked)
    study, scores = read_temporal_study(run)
    recipe = _recipe(study, asked)
    network = trained(recipe, run / "runs" / trained_folder(asked.network))
    training = faces.to_train_on()
    test = answered(without_twins(faces.part(Usage.PUBLIC_TEST), training), run / "answers")
    seed = study.recipe.seed + TEST_SEED
    streams = compose_streams(test.faces, study.test_streams, study.recipe.streams, seed)
    variants = [_Variant("float32", network, False)]
    if asked.prune is not None:
        smaller = _pruned(run, asked, recipe, network, training, told)
        variants.append(_Variant(f"{100 * asked.prune:g} % of units pruned", smaller, False))
    if asked.int8:
        variants += [_Variant(f"{one.name}, int8", one.network, True) for one in variants]
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent) as folder:
        card = _card(asked, recipe, training, scores[asked.network])
        rows: dict[str, MeasuredFile] = {}
        for number, variant in enumerate(variants):
            path = Path(folder) / str(number) / out.name  # the one before is still mapped
            path.parent.mkdir()
            opened = _written(path, variant, recipe, card)
            rows[variant.name] = measured_file(path, opened, recipe, test, streams)
            told(f"{variant.name}: {100 * rows[variant.name].score.accuracy.value:.1f} % right")
        compared = compared_scores(rows[variants[-1].name].score, opened, test, streams)
        card |= {
            "metrics": card["metrics"] | file_metrics(rows[variants[-1].name], compared, streams)
        }
        _write_card(path, recipe, card)
        for written in (card_path(path), path):
            written.replace(out.parent / written.name)
    return f"{costs_table(rows)}\n\n{table(compared)}"


def _check(out: Path, asked: TemporalExport) -> None:
    if out.suffix != ".tflite":
        raise InputError(f"--out {out} does not end in .tflite: its card will end in .json")
    if not re.fullmatch(NAME_PATTERN, asked.name):
        raise InputError(f"--name '{asked.name}' is not 1 to 30 small letters, digits and hyphens")
    if not 1 <= len(asked.version) <= MAX_VERSION_LENGTH:
        raise InputError(f"--version '{asked.version}' is not 1 to {MAX_VERSION_LENGTH} long")


def _recipe(study: TemporalStudy, asked: TemporalExport) -> TemporalRecipe:
    if asked.network not in study.recipes:
        known = ", ".join(f"'{name}'" for name in study.recipes)
        raise InputError(f"--network '{asked.network}' is none of {known}")
    recipe = study.recipes[asked.network]
    check_exportable(recipe, asked.network)
    return recipe


def _pruned(
    run: Path,
    asked: TemporalExport,
    recipe: TemporalRecipe,
    network: AttendingLstm,
    training: Faces,
    told: Callable[[str], None],
) -> AttendingLstm:
    smaller = pruned(network, asked.prune or 0.0)
    both = answered(with_moved(training, recipe.seed), run / "answers")
    windows = training_windows(recipe, to_learn_from(recipe, both))
    again = recipe.model_copy(update={"hidden": smaller.lstm.hidden_size})
    folder = run / "runs" / trained_folder(f"{asked.network} pruned {asked.prune:g}")

    def tell(epoch: int, metrics: dict[str, float]) -> None:
        told(f"pruned, epoch {epoch + 1} of {again.epochs}: loss {metrics['loss']:.3f}")

    return train_temporal(again, windows, folder, tell, smaller)


def _written(
    path: Path, variant: _Variant, recipe: TemporalRecipe, card: dict[str, Any]
) -> TemporalTflite:
    weights = folded(variant.network)
    path.write_bytes(temporal_file(weights, longest_window(recipe), int8=variant.int8))
    card["training"] |= {"hidden": int(weights.bias.shape[1]), "int8_weights": variant.int8}
    _write_card(path, recipe, card)
    section = EmotionClassifierSection()
    return TemporalTflite(path, section.model, RUNTIMES.chosen(section))


def _write_card(path: Path, recipe: TemporalRecipe, card: dict[str, Any]) -> None:
    whole = TemporalCard(
        sha256=digest(path),
        operators=operators(path),
        frames=longest_window(recipe),
        window_s=recipe.window_s,
        **card,
    )
    write_text(card_path(path), whole.model_dump_json(indent=2) + "\n")


def _card(
    asked: TemporalExport, recipe: TemporalRecipe, training: Faces, score: dict[str, Any]
) -> dict[str, Any]:
    """All of the card that is known before the file is."""
    model = EmotionClassifierSection().model
    frame, known = read_card(model), PROVENANCE[asked.data_set]
    return {
        "format": 1,
        "kind": "temporal",
        "name": asked.name,
        "version": asked.version,
        "labels": TEMPORAL_LABELS,
        "features": TEMPORAL_FEATURES,
        "frame_network": FrameNetwork(name=f"{frame.name} {frame.version}", sha256=frame.sha256),
        "data": {
            "set": known.name,
            "training_faces": len(training),
            "streams": recipe.stream_count,
            "reported_on": "streams of PublicTest faces that are not in Training",
        },
        "training": {**recipe.model_dump(mode="json"), "pruned": asked.prune},
        "metrics": {"in_its_run": score},
        "licence": f"{WEIGHTS_LICENCE} {known.licence}",
        "intended_use": INTENDED_USE,
        "limits": (COMPOSED, *known.limits, *LIMITS),
    }
