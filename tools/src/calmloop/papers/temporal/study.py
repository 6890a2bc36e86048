"""The whole of it: faces, streams, trainings, and what every method says of unseen streams."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmloop.base.errors import InputError
from calmloop.cli.outputs import whole_file, write_text
from calmloop.papers.runs import Metrics
from calmloop.papers.temporal.compose import compose_streams
from calmloop.papers.temporal.features import AnsweredFaces, answered, with_moved
from calmloop.papers.temporal.measure import TemporalScore, measure_said, table
from calmloop.papers.temporal.methods import lstm_method, methods_of, right_alone
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.plots import attention_figure
from calmloop.papers.temporal.train import (
    TemporalRecipe,
    to_learn_from,
    train_temporal,
    training_windows,
)
from calmloop.training.data.faces import Faces, Usage, without_twins

FIRST = "LSTM and attention"
TEST_SEED = 1_000_003
"""Added to the recipe's, so that what is reported has streams of its own."""
Told = Callable[[str], None]


class TemporalStudy(BaseModel):
    """What is trained and compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: TemporalRecipe = TemporalRecipe()
    seeds: Annotated[int, Field(ge=1, le=100)] = 3
    shares: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.1, 0.25, 0.5)
    """Of the faces to learn from, beside all of them."""
    key_frames_from: Annotated[float, Field(gt=0, le=255)] = 10.0
    test_streams: Annotated[int, Field(ge=1)] = 300

    @property
    def recipes(self) -> dict[str, TemporalRecipe]:
        """Every network that is trained, by its name in the table."""
        first = self.recipe
        changed: dict[str, dict[str, object]] = {FIRST: {}}
        for seed in range(first.seed + 1, first.seed + self.seeds):
            changed[f"the same, seed {seed}"] = {"seed": seed}
        changed["without attention"] = {"attends": False}
        changed["one frame alone"] = {"window_s": 0.0}
        changed["key frames alone"] = {"key_frames_from": self.key_frames_from}
        changed["faces not moved"] = {"moved": False}
        for share in self.shares:
            changed[f"{100 * share:g} % of the faces"] = {"face_share": share}
        return {name: first.model_copy(update=change) for name, change in changed.items()}


def run_temporal(study: TemporalStudy, faces: Faces, out: Path, told: Told) -> str:
    """Trains what is not trained yet; writes table, scores and plot, and returns the table.

    Raises:
        InputError: a part of the faces is missing, or the folder holds another run.
    """
    training = faces.to_train_on()
    test = answered(without_twins(faces.part(Usage.PUBLIC_TEST), training), out / "answers")
    both = answered(with_moved(training, study.recipe.seed), out / "answers")
    unmoved = both.where(np.arange(len(training)))
    alone = {"learned from": right_alone(unmoved), "reported on": right_alone(test)}
    for which, right in alone.items():
        told(f"the frame network alone, on the faces {which}: {100 * right:.1f} % right")
    seed = study.recipe.seed + TEST_SEED
    streams = compose_streams(test.faces, study.test_streams, study.recipe.streams, seed)
    methods = methods_of(test.logits)
    for name, recipe in study.recipes.items():
        network = _trained(name, recipe, both, out, told)
        methods[name] = lstm_method(recipe, network, test)
        if name == FIRST:
            with whole_file(out / "attention.png") as file:
                attention_figure(network, streams, test.logits).savefig(file, format="png", dpi=110)
    scores: dict[str, TemporalScore] = {}
    for name, method in methods.items():
        scores[name] = measure_said(streams, [method(stream) for stream in streams])
        told(f"{name}: {100 * scores[name].accuracy.value:.1f} % right")
    kept = {
        "study": study.model_dump(mode="json"),
        "alone": alone,
        "scores": {name: asdict(score) for name, score in scores.items()},
    }
    write_text(out / "temporal.json", json.dumps(kept, indent=1) + "\n")
    write_text(out / "table.md", table(scores) + "\n")
    return table(scores)


def read_temporal_study(out: Path) -> tuple[TemporalStudy, dict[str, dict[str, Any]]]:
    """What a folder's run trained and compared, and the scores of each row.

    Raises:
        InputError: no run has ended there.
    """
    path = out / "temporal.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return TemporalStudy.model_validate(kept["study"]), kept["scores"]
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise InputError(
            f"{path} is no study that has ended: run `papers temporal study` to its end"
        ) from error


def trained_folder(name: str) -> str:
    """Of a network's run, by its name in the table."""
    return re.sub(r"\W+", "-", name).lower()


def _trained(
    name: str, recipe: TemporalRecipe, both: AnsweredFaces, out: Path, told: Told
) -> AttendingLstm:
    def tell(epoch: int, metrics: Metrics) -> None:
        learned = f"loss {metrics['loss']:.3f}, {100 * metrics['accuracy']:.1f} % right"
        told(f"{name}, epoch {epoch + 1} of {recipe.epochs}: {learned}")

    windows = training_windows(recipe, to_learn_from(recipe, both))
    return train_temporal(recipe, windows, out / "runs" / trained_folder(name), tell)
