"""From faces to a network that the classifier runs, as the training README tells a new user."""

import csv
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from calmloop.training.data.faces import Faces, Usage
from calmloop.training.data.readers import load_faces

pytest.importorskip("calmloop.emotion_classifier", reason="it is started from the main environment")

from calmloop.emotion_classifier.backends.litert import LiteRt
from calmloop.emotion_classifier.tflite import TfliteClassifier

REPOSITORY = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("CALMLOOP_SHARED_DIR", REPOSITORY.parent / "shared"))
README = REPOSITORY / "tools/src/calmloop/training/README.md"
SIZES = {Usage.TRAINING: 3000, Usage.PUBLIC_TEST: 600}
AT_REDUCED_SIZE = {"train calm": "--epochs 6 --batch-size 16"}


def commands() -> list[str]:
    """The lines that README's reader types after `make training`."""
    return re.findall(r"^training ([^#\n]*?)\s*(?:#.*)?$", README.read_text(), re.MULTILINE)


def some(faces: Faces, usage: Usage) -> Faces:
    part = faces.part(usage)
    return part.where(np.random.default_rng(1).permutation(len(part))[: SIZES[usage]])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the real faces, in the layout in which FER-2013 is handed on."""
    packed = SHARED / "data" / "fer2013"
    if not packed.is_dir():
        pytest.skip(f"{packed} is not here")
    everything = load_faces(packed)
    folder = tmp_path_factory.mktemp("faces")
    with (folder / "fer2013.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["emotion", "pixels", "Usage"])
        for usage in SIZES:
            part = some(everything, usage)
            for image, emotion in zip(part.images, part.emotion, strict=True):
                rows.writerow([emotion, " ".join(map(str, image.ravel())), usage.value])
    return folder


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_a_new_user_gets_from_faces_to_a_network_by_four_commands(
    data: Path, tmp_path: Path
) -> None:
    subprocess.run(["make", "training"], cwd=REPOSITORY, check=True)
    names = {"DIR": str(data), "OUT": str(tmp_path / "out")}
    assert len(commands()) == 4
    for command in commands():
        words = [re.sub(r"^(DIR|OUT)", lambda m: names[m[0]], word) for word in command.split()]
        for start, more in AT_REDUCED_SIZE.items():
            if command.startswith(start):
                words += more.split()
        python = REPOSITORY / ".venv-train/bin/python"
        done = subprocess.run(
            [python, "-m", "calmloop.training", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    model = tmp_path / "out" / "calm.tflite"
    faces = some(load_faces(data), Usage.PUBLIC_TEST)
    classifier = TfliteClassifier(model, [LiteRt()])
    read = np.array([classifier.logits(face).argmax() for face in faces.images])
    assert (read == faces.emotion).mean() > np.bincount(faces.emotion).max() / len(faces) + 0.03
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".tflite", ".json", ".png"}
    assert (tmp_path / "sheet.png").is_file()
    assert (tmp_path / "runs/calm/curves.png").is_file()
