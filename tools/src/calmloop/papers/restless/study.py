"""The whole of it: sequences, trainings, a rule, and what each says of sequences not seen."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.errors import InputError
from calmloop.cli.outputs import write_text
from calmloop.papers.fitting import fit
from calmloop.papers.restless.compose import SequenceRecipe
from calmloop.papers.restless.courses import STATES
from calmloop.papers.restless.features import Examples, examples_of
from calmloop.papers.restless.measure import (
    RestlessScore,
    confusion_table,
    cpu_ms,
    inputs_of,
    likelihoods,
    measure,
    table,
)
from calmloop.papers.restless.network import TwoStreams
from calmloop.papers.restless.rule import MovementRule
from calmloop.papers.runs import Metrics
from calmloop.papers.temporal.study import TEST_SEED, trained_folder
from calmloop.training.data.faces import IntArray

FIRST, ALONE = "two streams", "movement alone"
FRAMES, ACCELEROMETER = "frames alone", "accelerometer alone"
MASKED = 11
"""Beside the seed: which sequences are learned from as if no accelerometer had been there."""
Told = Callable[[str], None]
Answers = tuple[IntArray, float | None]
"""A place in STATES for each sequence, and the CPU time of one."""


class RestlessRecipe(BaseModel):
    """How a network is trained; rate, its halving, batch and dropout are Zhang et al.'s."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sequences: SequenceRecipe = SequenceRecipe()
    sequence_count: Annotated[int, Field(ge=len(STATES))] = 2000
    frames: bool = True
    movement: bool = True
    accelerometer: bool = True
    columns_missing: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """Share of the sequences to learn from without an accelerometer, where others are there too."""
    attends: bool = True
    hidden: Annotated[int, Field(ge=1, le=1024)] = 32
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    rate: Annotated[float, Field(gt=0)] = 0.001
    halved_every: Annotated[int, Field(ge=1)] = 10
    batch_size: Annotated[int, Field(ge=2)] = 32
    epochs: Annotated[int, Field(ge=1)] = 15
    seed: Annotated[int, Field(ge=0)] = 1


class RestlessStudy(BaseModel):
    """What is trained and compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: RestlessRecipe = RestlessRecipe()
    seeds: Annotated[int, Field(ge=1, le=100)] = 2
    test_sequences: Annotated[int, Field(ge=len(STATES))] = 500

    @property
    def recipes(self) -> dict[str, RestlessRecipe]:
        """Every network that is trained, by its name in the table."""
        first = self.recipe
        changed: dict[str, dict[str, object]] = {
            ALONE: {"frames": False, "accelerometer": False},
            FRAMES: {"movement": False, "accelerometer": False},
            ACCELEROMETER: {"frames": False, "movement": False, "columns_missing": 0.0},
            FIRST: {},
        }
        for seed in range(first.seed + 1, first.seed + self.seeds):
            changed[f"{FIRST}, seed {seed}"] = {"seed": seed}
        changed[f"{FIRST}, without attention"] = {"attends": False}
        return {name: first.model_copy(update=change) for name, change in changed.items()}


def run_restless(study: RestlessStudy, out: Path, told: Told) -> str:
    """Trains what is not trained yet; writes tables and scores, and returns the tables.

    Raises:
        InputError: the folder holds another run, or too few sequences for their batches.
    """
    recipe = study.recipe
    told(f"{recipe.sequence_count} sequences to learn from, {study.test_sequences} to report on")
    training = examples_of(recipe.sequence_count, recipe.sequences, recipe.seed, out)
    test_seed = recipe.seed + TEST_SEED
    test = examples_of(study.test_sequences, recipe.sequences, test_seed, out)
    answers = dict(_answers(study, training, test, out, told))
    alone = answers[ALONE][0]
    scores = {
        name: measure(said, test, alone, cost_ms) for name, (said, cost_ms) in answers.items()
    }
    kept = {
        "study": study.model_dump(mode="json"),
        "scores": {name: asdict(score) for name, score in scores.items()},
    }
    write_text(out / "restless.json", json.dumps(kept, indent=1) + "\n")
    write_text(out / "table.md", tables(scores) + "\n")
    return tables(scores)


def tables(scores: dict[str, RestlessScore]) -> str:
    """All methods, and what is taken for what by two of them."""
    confused = [f"{name}:\n\n{confusion_table(scores[name])}" for name in (ALONE, FIRST)]
    return "\n\n".join([table(scores), *confused])


def _answers(
    study: RestlessStudy, training: Examples, test: Examples, out: Path, told: Told
) -> Iterator[tuple[str, Answers]]:
    counts = np.bincount(training.state, minlength=len(STATES))
    yield "always the most frequent", (np.full(len(test.state), counts.argmax()), None)
    rule = MovementRule.fitted(training)
    told(f"the rule: {rule}")
    yield "rule over the movement", (rule.say(test), None)
    apart = []
    for name, recipe in study.recipes.items():
        network = train_restless(
            recipe, training, out / "runs" / trained_folder(name), _tell(name, recipe, told)
        )
        likely = likelihoods(network, test)
        yield name, (likely.argmax(axis=1), cpu_ms(network, test))
        if name in (FRAMES, ALONE):
            apart.append(likely)
        if name == FIRST:
            masked = likelihoods(network, test.without_columns())
            yield f"{FIRST}, no accelerometer there", (masked.argmax(axis=1), None)
    yield "frames and movement trained apart, averaged", (sum(apart).argmax(axis=1), None)


def train_restless(
    recipe: RestlessRecipe, examples: Examples, out: Path, told: Callable[[int, Metrics], None]
) -> TwoStreams:
    """The network after all epochs; those that are done in a folder are not done again.

    Raises:
        InputError: the folder holds a run of another recipe, or on other sequences; or no stream
            is asked for.
    """
    if not (recipe.frames or recipe.movement or recipe.accelerometer):
        raise InputError("no stream is asked for: name frames, movement or accelerometer")
    torch.manual_seed(recipe.seed)
    network = TwoStreams(
        recipe.hidden,
        recipe.dropout,
        attends=recipe.attends,
        frames=recipe.frames,
        movement=recipe.movement,
        accelerometer=recipe.accelerometer,
    )
    rng = np.random.default_rng((recipe.seed, MASKED))
    missing = np.flatnonzero(rng.random(len(examples.state)) < recipe.columns_missing)
    learned = examples.without_columns(missing)
    given: Any = (inputs_of(learned), torch.from_numpy(learned.state))
    fit(network, recipe, given, (out, learned.digest()), told)
    return network


def _tell(name: str, recipe: RestlessRecipe, told: Told) -> Callable[[int, Metrics], None]:
    def tell(epoch: int, metrics: Metrics) -> None:
        learned = f"loss {metrics['loss']:.3f}, {100 * metrics['accuracy']:.1f} % right"
        told(f"{name}, epoch {epoch + 1} of {recipe.epochs}: {learned}")

    return tell
