"""What an idea brings over several seeds; needs the training packages."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras", reason="training has an environment of its own")

from calmloop.training.learn import seeds
from calmloop.training.learn.ablation import BASE, IDEAS, base_recipe
from calmloop.training.learn.seeds import OVER, ablate_over_seeds, measured, over_seeds

PLAIN = "csam without its attention"
RECIPE = base_recipe(share=0.1, epochs=1, seed=4)
BY_SEED = {4: (30.0, 40.0, 42.0), 5: (32.0, 41.0, 40.0), 6: (31.0, 45.0, 50.0)}
"""Accuracy of the base, of csam's plain form, of csam."""


def row(idea: str, accuracy: float) -> dict[str, Any]:
    return {"idea": idea, "accuracy_7": accuracy, "accuracy_3": accuracy + 20}


class Trained:
    """Stands for `ablate`: known rows, and where they were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Path, int, list[str]]] = []

    def __call__(
        self, _data: Path, out: Path, base: Any, _teacher: Path | None, ideas: Any
    ) -> list[dict[str, Any]]:
        self.asked.append((out, base.seed, list(ideas)))
        values = BY_SEED[base.seed]
        return [row(*pair) for pair in zip((BASE, PLAIN, "csam"), values, strict=True)]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trained:
    stand_in = Trained()
    monkeypatch.setattr(seeds, "ablate", stand_in)
    return stand_in


def test_each_seed_has_its_folder_and_the_first_that_of_one_seed_alone(
    trained: Trained, tmp_path: Path
) -> None:
    ablate_over_seeds(tmp_path, tmp_path, RECIPE, 3, None, ["csam"])
    folders = [tmp_path, tmp_path / "seed-5", tmp_path / "seed-6"]
    # csam is read against its plain form, which is trained though nobody named it.
    wanted = sorted(("csam", PLAIN))
    asked = zip(folders, BY_SEED, strict=True)
    assert trained.asked == [(folder, seed, wanted) for folder, seed in asked]


def test_mean_and_deviation_are_of_the_gain_over_the_plain_form_of_the_same_seed(
    trained: Trained, tmp_path: Path
) -> None:
    rows = ablate_over_seeds(tmp_path, tmp_path, RECIPE, 3, None, ["csam"])
    base, plain, csam = rows
    assert [one["idea"] for one in rows] == [BASE, PLAIN, "csam"]
    assert (base["over"], base["gain"]) == ("", "0.0 ± 0.0")
    assert (plain["over"], plain["gain"]) == (BASE, "11.0 ± 2.6")
    assert csam["over"] == PLAIN
    # 2, -1 and 5: mean 2, deviation 3, though csam's accuracies alone spread by 5.3.
    assert (csam["gain"], csam["least"], csam["largest"]) == ("2.0 ± 3.0", -1.0, 5.0)
    assert (csam["accuracy_7"], csam["accuracy_3"]) == ("44.0 ± 5.3", "64.0 ± 5.3")
    assert json.loads((tmp_path / "seeds.json").read_text()) == rows
    assert len(trained.asked) == 3


def test_one_seed_is_ablated_as_ever(trained: Trained, tmp_path: Path) -> None:
    shown = measured(tmp_path, tmp_path, RECIPE, 1, None, ["csam"])
    assert trained.asked == [(tmp_path, 4, ["csam"])]
    assert not (tmp_path / "seeds.json").exists()
    assert "standard error" in str(shown.title)


def test_a_seed_alone_has_no_deviation() -> None:
    rows = over_seeds([[row(BASE, 30.0), row("flip", 31.5)]])
    assert [one["gain"] for one in rows] == ["0.0 ± 0.0", "1.5 ± 0.0"]


def test_every_plain_form_is_an_idea_itself() -> None:
    assert OVER.keys() | set(OVER.values()) <= IDEAS.keys()
