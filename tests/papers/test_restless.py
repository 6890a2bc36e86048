"""Restlessness by two streams: from drawn children that move to the table."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer

from calmloop.base.errors import InputError
from calmloop.papers.restless.commands import study
from calmloop.papers.restless.compose import (
    SequenceRecipe,
)
from calmloop.papers.restless.courses import (
    STATES,
)
from calmloop.papers.restless.features import (
    ACCELERATION,
    COLUMNS,
    MOVEMENT,
    ROWS,
    STEPS_HZ,
    Examples,
    examples_of,
)
from calmloop.papers.restless.measure import confusion_table, likelihoods, measure
from calmloop.papers.restless.network import TwoStreams
from calmloop.papers.restless.rule import MovementRule
from calmloop.papers.restless.study import RestlessRecipe, RestlessStudy, train_restless
from calmloop.papers.runs import Metrics

SHORT = SequenceRecipe(window_s=3.0, lead_s=1.2, slowest_hz=8.0, fastest_hz=10.0)
FASTER: dict[str, Any] = {"sequences": SHORT, "rate": 0.005, "epochs": 12, "halved_every": 6}
LEARNED, UNSEEN = 150, 75


class CutOffError(Exception):
    """As if the process had ended there."""


def silent(_: int, __: Metrics) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sequences")


@pytest.fixture(scope="module")
def learned(kept: Path) -> Examples:
    return examples_of(LEARNED, SHORT, 1, kept)


@pytest.fixture(scope="module")
def unseen(kept: Path) -> Examples:
    return examples_of(UNSEEN, SHORT, 2, kept)


def right(said: Any, examples: Examples) -> float:
    return float((said == examples.state).mean())


def test_columns_may_be_missing_of_some_or_of_all(unseen: Examples) -> None:
    masked = unseen.without_columns(np.array([0, 2]))
    assert not masked.acceleration[[0, 2]].any()
    np.testing.assert_array_equal(masked.acceleration[1], unseen.acceleration[1])
    assert unseen.acceleration[0].any()
    assert not unseen.without_columns().acceleration.any()


def test_each_stream_has_its_part_and_says_nothing_of_what_it_was_not_given(
    unseen: Examples,
) -> None:
    assert unseen.movement.shape == (UNSEEN, round(3 * STEPS_HZ), MOVEMENT)
    assert unseen.pictures.shape == (UNSEEN, round(3 * STEPS_HZ), ROWS, COLUMNS)
    torch.manual_seed(1)
    blank = replace(unseen, pictures=np.zeros_like(unseen.pictures))
    unmoved = replace(unseen, movement=np.zeros_like(unseen.movement))
    changed = {"frames": blank, "movement": unmoved, "accelerometer": unseen.without_columns()}
    for stream in changed:
        alone = TwoStreams(8, 0.5, **{one: one == stream for one in changed}).eval()
        said = likelihoods(alone, unseen)
        np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-5)
        for name, examples in changed.items():
            same = np.allclose(said, likelihoods(alone, examples), atol=1e-6)
            assert same == (name != stream)
    both = TwoStreams(8, 0.5).eval()
    for examples in changed.values():
        assert not np.allclose(likelihoods(both, unseen), likelihoods(both, examples), atol=1e-6)


def test_light_that_is_stronger_changes_nothing_of_a_small_picture() -> None:
    network = TwoStreams(8, 0.5, movement=False, accelerometer=False).eval()
    pictures = torch.randint(20, 90, (2, 5, ROWS, COLUMNS))
    movement, acceleration = torch.zeros(2, 5, MOVEMENT), torch.zeros(2, 5, ACCELERATION)
    with torch.no_grad():
        logits, attention = network(movement, pictures, acceleration)
        brighter, _ = network(movement, 2 * pictures + 10, acceleration)
    torch.testing.assert_close(logits, brighter, atol=0.02, rtol=0)
    torch.testing.assert_close(attention.sum(dim=2), torch.ones(2, 1))


def test_the_rule_is_fitted_and_better_than_always_the_same(
    learned: Examples, unseen: Examples
) -> None:
    rule = MovementRule.fitted(learned)
    assert list(rule.thresholds) == sorted(rule.thresholds)
    assert right(rule.say(learned), learned) > 0.45
    assert right(rule.say(unseen), unseen) > 0.35


def test_two_streams_learn_more_than_chance_and_the_most_frequent(
    learned: Examples, unseen: Examples, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    recipe = RestlessRecipe(sequence_count=LEARNED, **FASTER)
    network = train_restless(recipe, learned, tmp_path, silent)
    said = likelihoods(network, unseen).argmax(axis=1)
    frequent = np.bincount(learned.state).argmax()
    masked = likelihoods(network, unseen.without_columns()).argmax(axis=1)
    measured(
        f"of {UNSEEN} unseen drawn sequences right: two streams {right(said, unseen):.1%},"
        f" without an accelerometer {right(masked, unseen):.1%}"
    )
    assert right(np.full(UNSEEN, frequent), unseen) == 1 / len(STATES)
    assert right(said, unseen) > 1 / len(STATES) + 0.2
    assert right(masked, unseen) > 1 / len(STATES) + 0.1


def test_a_killed_training_goes_on_to_the_same_end(learned: Examples, tmp_path: Path) -> None:
    def cut_off(epoch: int, _: Metrics) -> None:
        if epoch == 1:
            raise CutOffError

    recipe = RestlessRecipe(sequence_count=LEARNED, sequences=SHORT, epochs=3)
    whole = train_restless(recipe, learned, tmp_path / "whole", silent)
    with pytest.raises(CutOffError):
        train_restless(recipe, learned, tmp_path / "cut", cut_off)
    resumed = train_restless(recipe, learned, tmp_path / "cut", silent)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value)
    with pytest.raises(InputError, match="another recipe"):
        other = recipe.model_copy(update={"hidden": 16})
        train_restless(other, learned, tmp_path / "whole", silent)
    with pytest.raises(InputError, match="name frames, movement or accelerometer"):
        none = {"frames": False, "movement": False, "accelerometer": False}
        train_restless(recipe.model_copy(update=none), learned, tmp_path / "none", silent)


def test_a_confusion_counts_each_state_by_what_it_is_called(unseen: Examples) -> None:
    said = unseen.state.copy()
    said[unseen.state == 1] = 0
    score = measure(said, unseen, unseen.state, None)
    assert score.right.value == pytest.approx(0.8)
    assert score.more.value == pytest.approx(-0.2)
    rows = confusion_table(score).splitlines()
    assert rows[2] == "| calm | 100 % | 0 % | 0 % | 0 % | 0 % |"
    assert rows[3] == "| fidgeting | 100 % | 0 % | 0 % | 0 % | 0 % |"


def test_the_command_goes_from_nothing_to_the_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {"sequences": 20, "test_sequences": 10, "epochs": 1, "seeds": 2}
    given |= {"seed": 1, "threads": 1}
    study(tmp_path, **given)
    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines()[2:12]] == [
        "always the most frequent",
        "rule over the movement",
        "movement alone",
        "frames alone",
        "accelerometer alone",
        "two streams",
        "two streams, no accelerometer there",
        "two streams, seed 2",
        "two streams, without attention",
        "frames and movement trained apart, averaged",
    ]
    assert text.count("is called") == 2
    saved = json.loads((tmp_path / "restless.json").read_text(encoding="utf-8"))
    assert saved["scores"]["always the most frequent"]["right"]["value"] == pytest.approx(0.2)
    assert saved["scores"]["two streams"]["cpu_ms"] > 0
    assert RestlessStudy.model_validate(saved["study"]).seeds == 2
    assert ", epoch 1 of 1: loss" in capsys.readouterr().out
    study(tmp_path, **given)
    assert "epoch" not in capsys.readouterr().out
    with pytest.raises(typer.Exit):
        study(tmp_path, **{**given, "epochs": 2})
    assert "another recipe: name another folder" in " ".join(capsys.readouterr().err.split())
