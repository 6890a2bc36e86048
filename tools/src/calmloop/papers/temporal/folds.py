"""Cross-validation by faces: in each fold other ones are learned from, and others reported on.

Of PublicTest's faces alone, which the frame network has not learned from: its answers are as good
to those that the LSTM learns from as to those that it is tried on.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from calmloop.base.errors import InputError
from calmloop.cli.outputs import write_text
from calmloop.papers.temporal.compose import compose_streams
from calmloop.papers.temporal.features import answered, with_moved
from calmloop.papers.temporal.measure import TemporalScore, measure_said
from calmloop.papers.temporal.methods import lstm_method, methods_of
from calmloop.papers.temporal.study import FIRST, TEST_SEED
from calmloop.papers.temporal.train import TemporalRecipe, train_temporal, training_windows
from calmloop.training.data.faces import Faces, Usage, split_fold, without_twins

Scores = dict[str, TemporalScore]
"""Of one fold, by method."""


@dataclass(frozen=True)
class OverFolds:
    """Mean of the folds, and their standard deviation, with one degree of freedom less."""

    mean: float
    deviation: float


def cross_validate(
    recipe: TemporalRecipe,
    folds: int,
    test_streams: int,
    faces: Faces,
    out: Path,
    told: Callable[[str], None],
) -> str:
    """Trains what is not trained yet; writes scores and table, and returns the table.

    Equal pictures are in one fold.

    Raises:
        InputError: a part of the faces is missing, too few show a group, or the folder holds
            another run.
    """
    unseen = without_twins(faces.part(Usage.PUBLIC_TEST), faces.to_train_on())
    scores = []
    for fold in range(folds):
        learned_from, reported_on = split_fold(unseen, folds, fold, recipe.seed)
        scores.append(_fold(recipe, fold, test_streams, (learned_from, reported_on), out, told))
    kept = {
        "recipe": recipe.model_dump(mode="json"),
        "test_streams": test_streams,
        "faces": len(unseen),
        "folds": [{name: asdict(one) for name, one in each.items()} for each in scores],
    }
    write_text(out / "folds.json", json.dumps(kept, indent=1) + "\n")
    told_table = folds_table(scores)
    write_text(out / "folds.md", told_table + "\n")
    return told_table


def _fold(
    recipe: TemporalRecipe,
    fold: int,
    test_streams: int,
    parts: tuple[Faces, Faces],
    out: Path,
    told: Callable[[str], None],
) -> Scores:
    both = with_moved(parts[0], recipe.seed) if recipe.moved else parts[0]
    known = answered(both, out / "answers")
    test = answered(parts[1], out / "answers")

    def tell(epoch: int, metrics: dict[str, float]) -> None:
        told(f"fold {fold + 1}, epoch {epoch + 1} of {recipe.epochs}: loss {metrics['loss']:.3f}")

    windows = training_windows(recipe, known)
    network = train_temporal(recipe, windows, out / "runs" / f"fold-{fold + 1}", tell)
    seed = recipe.seed + TEST_SEED + fold
    streams = compose_streams(test.faces, test_streams, recipe.streams, seed)
    methods = methods_of(test.logits) | {FIRST: lstm_method(recipe, network, test)}
    return {
        name: measure_said(streams, [method(stream) for stream in streams])
        for name, method in methods.items()
    }


def over_folds(values: Sequence[float]) -> OverFolds:
    """Of one value a fold; infinite where one of them is.

    Raises:
        InputError: there are fewer than two.
    """
    if len(values) < 2:
        raise InputError(f"{len(values)} fold has no deviation: ask for 2 --folds or more")
    if not np.isfinite(values).all():
        return OverFolds(math.inf, math.inf)
    return OverFolds(float(np.mean(values)), float(np.std(values, ddof=1)))


def folds_table(folds: Sequence[Scores]) -> str:
    """A row a method, as Markdown; what it gains on the frame network in the same fold, too."""
    lines = [
        "| | frames right | more than the frame network | changes a minute | delay, median |",
        "| --- " * 5 + "|",
    ]
    frame = [each["frame network, likeliest"].accuracy.value for each in folds]
    for name in folds[0]:
        of = [each[name] for each in folds]
        right = [100 * one.accuracy.value for one in of]
        more = [one - 100 * other for one, other in zip(right, frame, strict=True)]
        cells = (
            name,
            _told(over_folds(right), " %"),
            _told(over_folds(more), " points"),
            _told(over_folds([one.changes.value for one in of]), ""),
            _told(over_folds([one.delay_s.value for one in of]), " s"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _told(of: OverFolds, unit: str) -> str:
    if math.isinf(of.mean):
        return "never"
    return f"{of.mean:.1f} ± {of.deviation:.1f}{unit}"
