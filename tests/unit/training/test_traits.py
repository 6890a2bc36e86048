"""Groups of faces stay apart from the manifest to the table."""

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from typer.testing import CliRunner

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.commands.app import app
from calmloop.training.data.faces import DataError, Faces, Usage
from calmloop.training.data.readers import load_faces
from calmloop.training.measure.by_trait import by_trait
from calmloop.training.measure.candidate import Candidate, CandidateAnswers
from tests.unit.training.test_evaluate_command import MODEL

NEUTRAL, SAD, HAPPY = (EMOTIONS.index(name) for name in ("neutral", "sad", "happy"))
UNSURE = -1


class Fixed:
    """A network whose answers are the test's."""

    def __init__(self, *likeliest: int) -> None:
        self._logits = np.eye(len(EMOTIONS), dtype=np.float32)[list(likeliest)] * 20
        self._logits[np.ix_(np.array(likeliest) == UNSURE, (NEUTRAL, HAPPY))] = 20

    def logits(self, _images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return self._logits


def test_each_group_has_its_own_shares() -> None:
    faces = Faces(
        np.zeros((6, 48, 48), np.uint8),
        np.array([NEUTRAL, NEUTRAL, HAPPY, NEUTRAL, HAPPY, HAPPY]),
        np.array([Usage.PUBLIC_TEST.value] * 6),
        traits={
            "age_years": np.array(["10", "10", "10", "2", "2", "2"]),
            "sex": np.array(["female"] * 6),
        },
    )
    answers = CandidateAnswers(
        Candidate("fixed", Path(), Fixed(SAD, NEUTRAL, HAPPY, NEUTRAL, UNSURE, SAD)), faces
    )
    told = by_trait(answers)
    assert list(told) == ["age_years"], "of one sex there is nothing to compare"
    assert list(told["age_years"]) == ["2", "10"]
    young, old = told["age_years"].values()
    assert (young["faces"], young["labelled"], young["wrong"]) == (3, 0.6667, 0.5)
    assert (young["neutral_as_negative"], young["neutral_as_negative_95"][0]) == (0.0, 0.0)
    assert (old["labelled"], old["wrong"], old["neutral_as_negative"]) == (1.0, 0.3333, 0.5)
    low, high = old["neutral_as_negative_95"]
    assert 0.09 < low < 0.1 and 0.9 < high < 0.91
    is_happy = faces.emotion == HAPPY
    happy = Candidate("fixed", Path(), Fixed(HAPPY, UNSURE, SAD))
    nobody = by_trait(CandidateAnswers(happy, faces.where(is_happy)))
    assert nobody["age_years"]["10"]["neutral_as_negative"] is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four faces of two ancestries, and what says so."""
    rows = ["picture,face,ancestry,emotion"]
    for number, (emotion, ancestry) in enumerate(
        [("sad", "asian"), ("happy", "african"), ("happy", "asian"), ("sad", "african")]
    ):
        name = f"test/{emotion}/{number}.png"
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / name), np.full((48, 48), 40 * number, np.uint8))
        rows.append(f"pictures/{number}.jpg,{name},{ancestry},{emotion}")
    (tmp_path / "manifest.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_a_manifest_tells_groups_apart_and_evaluate_tables_them(folder: Path) -> None:
    faces = load_faces(folder)
    darkest = faces.images[:, 0, 0].argsort()
    assert faces.traits["ancestry"][darkest].tolist() == ["asian", "african", "asian", "african"]
    asked = ["evaluate", str(MODEL), "--data", str(folder)]
    said = CliRunner().invoke(app, asked, env={"COLUMNS": "160"})
    assert said.exit_code == 0, said.output
    assert "ancestry african (2)" in said.output and "by group: labelled" in said.output
    (told,) = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    assert {value: of["faces"] for value, of in told["traits"]["ancestry"].items()} == {
        "african": 2,
        "asian": 2,
    }


def test_a_picture_that_the_manifest_lacks_is_named(folder: Path) -> None:
    lines = (folder / "manifest.csv").read_text().splitlines()
    (folder / "manifest.csv").write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(DataError, match=r"no row for test/sad/3\.png: .* or remove the manifest"):
        load_faces(folder)


@pytest.mark.parametrize("header", ["face,name", "picture,ancestry", ""])
def test_another_manifest_means_no_groups(folder: Path, header: str) -> None:
    (folder / "manifest.csv").write_text(f"{header}\na,b\n")
    assert load_faces(folder).traits == {}
