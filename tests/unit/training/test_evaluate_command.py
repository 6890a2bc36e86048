"""Networks side by side: the shipped one on made-up faces, the peer on real ones."""

import json
import os
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calmloop.emotion_classifier.card import read_card
from calmloop.training.augment.spoilings import Spoiling
from calmloop.training.commands.app import app
from calmloop.training.data.faces import Usage
from calmloop.training.data.readers import load_faces
from calmloop.training.measure import metrics
from calmloop.training.tflite.peers import FerNetwork, Peer, PeerError, find_peer
from calmloop.training.tflite.runtimes import RuntimePackage, installed, latency_ms

RUNNER = CliRunner()
REPOSITORY = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("CALMLOOP_SHARED_DIR", REPOSITORY.parent / "shared"))
BENCH = REPOSITORY / ".venv-bench"
MODEL = (
    REPOSITORY / "services/emotion-classifier/src/calmloop/emotion_classifier/models/calm.tflite"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    usage = np.where(np.arange(140) < 70, Usage.TRAINING.value, Usage.PUBLIC_TEST.value)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (140, 48, 48), dtype=np.uint8)
    votes = rng.integers(1, 3, (140, 10))
    emotion = np.arange(140) % 7
    np.savez(folder / "fer2013.npz", images=images, emotion=emotion, usage=usage, votes=votes)
    return folder


def test_several_networks_stand_side_by_side(data: Path) -> None:
    arguments = ["evaluate", str(MODEL), str(MODEL), "--data", str(data), "--corrupt", "--json"]
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 0, result.output
    one, other = json.loads(result.output)
    assert (one["part"], one["faces"], one["bytes"]) == ("PublicTest", 70, MODEL.stat().st_size)
    assert one["accuracy_7"] == other["accuracy_7"]
    assert list(one["latency_ms"]) == [runtime.value for runtime in installed()]
    assert list(one["corrupted"]) == ["dark", "motion blur", "occlusion", "rotation", "noise"]
    assert sum(map(sum, one["confusion"])) == 70
    assert (one["valence"]["faces"], one["valence"]["r"] < 0.5) == (70, True)
    card = read_card(MODEL)
    assert one["temperature"] == card.temperature
    assert one["limits"]["card"] == card.thresholds.model_dump()
    assert one["card_PublicTest"] == card.metrics["float_agreement_PublicTest"]
    assert set(one["operating"]) == {
        "coverage",
        "wrong",
        "neutral_as_negative",
        "positive_called",
        "positive_wrong",
        "other_wrong",
    }


def test_the_tables_name_every_class_and_every_corruption(data: Path) -> None:
    result = RUNNER.invoke(
        app,
        ["evaluate", str(MODEL), "--data", str(data), "--corrupt", "--spoil"],
        env={"COLUMNS": "120"},
    )
    assert result.exit_code == 0, result.output
    name = f"calm {read_card(MODEL).version}"
    rows = ("disgust", "motion blur", "shuffled", "ms a face", "r with the mean vote")
    for expected in ("70 faces of PublicTest", *rows, name):
        assert expected in result.output


def test_of_what_has_no_face_only_how_much_is_labelled_is_told(data: Path) -> None:
    result = RUNNER.invoke(app, ["evaluate", str(MODEL), "--data", str(data), "--spoil", "--json"])
    assert result.exit_code == 0, result.output
    (told,) = json.loads(result.output)
    assert set(told["spoiled"]["noise alone"]) == {"labelled"}
    assert set(told["spoiled"]["a hand"]) == {
        "labelled",
        "wrong",
        "positive_wrong",
        "positive_wrong_95",
        "ece",
        "aurc",
    }
    assert list(told["spoiled"]) == list(Spoiling)


def test_a_peer_that_is_not_there_is_named_with_what_installs_it(
    data: Path, tmp_path: Path
) -> None:
    arguments = ["evaluate", str(MODEL), "--data", str(data), "--peer", "fer"]
    result = RUNNER.invoke(app, [*arguments, "--peer-environment", str(tmp_path)])
    assert result.exit_code == 2
    assert "`make bench` installs fer" in result.output


def test_another_network_is_not_taken_for_the_peer() -> None:
    with pytest.raises(PeerError, match=r"\(1, 64, 64, 1\) float32 and \(1, 7\) are expected"):
        FerNetwork(MODEL)


def test_the_peer_reads_real_faces_as_well_as_it_is_known_to() -> None:
    folder = SHARED / "data" / "fer2013"
    if not (BENCH.is_dir() and folder.is_dir()):
        pytest.skip(f"{BENCH} or {folder} is not here")
    faces = load_faces(folder).part(Usage.PUBLIC_TEST)
    faces = faces.where(np.arange(0, len(faces), 4))
    logits = FerNetwork(find_peer(Peer.FER, BENCH)).logits(faces.images)
    assert np.exp(logits).sum(axis=1) == pytest.approx(np.ones(len(faces)), abs=1e-3)
    assert metrics.accuracy(logits, faces.emotion) == pytest.approx(0.655, abs=0.03)


def test_latency_is_measured_on_an_installed_runtime() -> None:
    assert RuntimePackage.LITERT in installed()
    assert 0 < latency_ms(MODEL, RuntimePackage.LITERT, runs=20) < 100


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is in .venv-train")
def test_the_report_holds_its_tables_and_its_drawings(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    arguments = ["evaluate", str(MODEL), "--data", str(data), "--spoil", "--report", str(path)]
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 0, result.output
    page = path.read_text("utf-8")
    assert "70 faces of PublicTest" in page
    assert page.count("data:image/svg+xml") == 4
    assert page.count("<td>drawn animals</td>") == 1
    assert "http" not in page, "it fetches nothing"


@pytest.mark.skipif(find_spec("matplotlib") is not None, reason="matplotlib is here")
def test_pictures_without_matplotlib_are_refused_before_anything_runs(
    data: Path, tmp_path: Path
) -> None:
    arguments = ["evaluate", str(MODEL), "--data", str(data), "--pictures", str(tmp_path / "out")]
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 2
    assert "no package matplotlib here" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is in .venv-train")
def test_every_network_gets_its_two_pictures(data: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", str(MODEL), str(MODEL), "--data", str(data)]
    result = RUNNER.invoke(app, [*arguments, "--pictures", str(tmp_path)])
    assert result.exit_code == 0, result.output
    drawn = sorted(path.name for path in tmp_path.iterdir())
    name = f"calm-{read_card(MODEL).version}"
    assert drawn == [
        f"{n}-{name}-{kind}.png" for n in (1, 2) for kind in ("confusion", "risk-coverage")
    ]
    assert all(path.stat().st_size > 5_000 for path in tmp_path.iterdir())


def test_a_test_folder_is_called_test_and_a_class_that_it_lacks_is_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for emotion in ("happy", "sad"):
        folder = tmp_path / "test" / emotion
        folder.mkdir(parents=True)
        for n in range(3):
            picture = rng.integers(0, 256, (48, 48), dtype=np.uint8)
            cv2.imwrite(str(folder / f"S{n:03}_{emotion}.png"), picture)
    arguments = ["evaluate", str(MODEL), "--data", str(tmp_path), "--split", "test"]
    result = RUNNER.invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    (measured,) = json.loads(result.stdout)
    assert (measured["part"], measured["faces"]) == ("test", 6)
    assert measured["absent"] == ["angry", "disgust", "fear", "surprise", "neutral"]
    assert measured["recall"]["fear"] is None and measured["recall"]["sad"] is not None
    told = RUNNER.invoke(app, arguments, env={"COLUMNS": "160"}).output
    assert "PublicTest;" not in told and "6 faces of test" in told
    assert "left out" in told


def test_a_part_that_nobody_knows_is_refused_with_the_known_ones(data: Path) -> None:
    arguments = ["evaluate", str(MODEL), "--data", str(data), "--split", "tset"]
    result = RUNNER.invoke(app, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 2
    assert "train, test, Training, PublicTest, PrivateTest" in result.output
