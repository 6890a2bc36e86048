"""What `calmloop synth pictures` writes is read by what reads faces, and says how it was made."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calmloop.cli.main import app
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.synth.mesh import Mesh
from calmloop.synth.plan import COVERS, ROUND, plan
from calmloop.synth.scene import FaceSquare, Studio
from calmloop.synth.writing import covered, write_pictures
from calmloop.training.data.readers import load_faces

SIDE, EVERY = 64, 18
"""One of each emotion."""


def written(mesh: Mesh, folder: Path) -> list[dict[str, str]]:
    chosen = (one for one in plan(ROUND, 1, plain=False) if one.number % EVERY == 0)
    write_pictures(chosen, Studio(mesh, SIDE), folder)
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_faces_are_read_with_their_labels_and_the_same_seed_writes_the_same(
    mesh: Mesh, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    rows = written(mesh, first)
    faces = load_faces(first)
    assert [EMOTIONS[emotion] for emotion in sorted(faces.emotion.tolist())] == list(EMOTIONS)
    assert {row["emotion"] for row in rows} == set(EMOTIONS)
    named = {row[column] for row in rows for column in ("picture", "face")}
    assert named | {"manifest.csv"} == set(contents(first))
    shown = cv2.imread(str(first / rows[0]["picture"]))
    assert shown is not None
    assert shown.shape == (SIDE, SIDE, 3)
    written(mesh, second)
    assert contents(first) == contents(second)


@pytest.mark.parametrize("name", [name for name, way in COVERS.items() if way])
def test_a_cover_lies_on_the_face_alone_and_says_what_is_lost(name: str) -> None:
    picture = np.full((SIDE, SIDE, 3), (90, 120, 160), np.uint8)
    out, lost = covered(picture, FaceSquare(16.0, 16.0, 32.0), name, seed=2)
    changed = (out != picture).any(2)
    assert changed[16:48, 16:48].any()
    changed[16:48, 16:48] = False
    assert not changed.any()
    assert 0 < lost <= 1


def test_what_cannot_be_done_is_told(assets: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("", encoding="utf-8")
    command = ["synth", "pictures", "--count", "1"]
    full = CliRunner().invoke(app, [*command, "--out", str(tmp_path), "--assets", str(assets)])
    assert full.exit_code != 0
    assert "already holds kept.txt: name a new folder" in " ".join(full.stderr.split())
    astray = CliRunner().invoke(
        app, [*command, "--out", str(tmp_path / "new"), "--assets", str(tmp_path)]
    )
    assert astray.exit_code != 0
    assert "name the folder of MPFB's CC0 assets" in " ".join(astray.stderr.split())
    assert not (tmp_path / "new").exists()
