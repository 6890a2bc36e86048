"""The shipped network, its card, and what happens when they do not match."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.emotion_classifier.card import read_card
from calmloop.emotion_classifier.reading import read
from calmloop.emotion_classifier.scaling import scaled
from calmloop.emotion_classifier.settings import RUNTIMES, SHIPPED_MODEL, EmotionClassifierSection
from calmloop.emotion_classifier.tflite import TfliteClassifier

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A copy of the shipped model and its card; the path of the model."""
    shutil.copy(SHIPPED_MODEL, tmp_path / "net.tflite")
    shutil.copy(SHIPPED_MODEL.with_suffix(".json"), tmp_path / "net.json")
    return tmp_path / "net.tflite"


def loaded(model: Path, runtime: str = "auto") -> TfliteClassifier:
    section = EmotionClassifierSection.model_validate({"runtime": runtime})
    return TfliteClassifier(model, RUNTIMES.chosen(section))


def edit_card(model: Path, edit: Edit) -> None:
    path = model.with_suffix(".json")
    card = json.loads(path.read_text())
    edit(card)
    path.write_text(json.dumps(card))


def test_the_shipped_network_loads_and_answers_crops_of_any_size() -> None:
    classifier = loaded(SHIPPED_MODEL)
    rng = np.random.default_rng(1)
    for side in (24, 48, 64, 96, 200):
        outputs = classifier.logits(rng.integers(0, 256, (side, side), dtype=np.uint8))
        assert outputs.shape == (7,)
        assert np.isfinite(outputs).all()
    assert classifier.name.startswith("calm ")


def test_it_reads_as_well_as_its_card_says(shared_dir: Path) -> None:
    faces, labels = public_test(shared_dir, 600)
    classifier = loaded(SHIPPED_MODEL)
    outputs = np.array([classifier.logits(face) for face in faces])
    metrics = json.loads(SHIPPED_MODEL.with_suffix(".json").read_text())["metrics"]["PublicTest"]
    right = (outputs.argmax(axis=1) == labels).mean()
    assert right == pytest.approx(metrics["accuracy_7"], abs=0.05)
    readings = [read(output, classifier.calibration) for output in outputs]
    called = [reading.label is not Label.UNKNOWN for reading in readings]
    assert np.mean(called) == pytest.approx(metrics["operating"]["coverage"], abs=0.06)
    called_positive = np.array([reading.label is Label.POSITIVE for reading in readings])
    wrong = (labels[called_positive] != EMOTIONS.index("happy")).mean()
    assert wrong == pytest.approx(metrics["operating"]["positive_wrong"], abs=0.06)


def public_test(shared_dir: Path, count: int) -> tuple[list[Any], Any]:
    """The first `count` faces of PublicTest and their FER labels."""
    folder = shared_dir / "data/fer2013"
    with (folder / "labels.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["usage"] == "PublicTest"][:count]
    sheets: dict[str, Any] = {}
    faces = []
    for row in rows:
        if row["sheet"] not in sheets:
            sheet = cv2.imread(str(folder / "sheets" / f"{row['sheet']}.png"), cv2.IMREAD_GRAYSCALE)
            assert sheet is not None
            cells = sheet.reshape(40, 48, 40, 48).transpose(0, 2, 1, 3).reshape(1600, 48, 48)
            sheets[row["sheet"]] = cells
        faces.append(np.ascontiguousarray(sheets[row["sheet"]][int(row["cell"])], np.uint8))
    return faces, np.array([int(row["emotion"]) for row in rows])


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda card: card.update(format=2), "format"),
        (lambda card: card.pop("temperature"), "temperature"),
        (lambda card: card.pop("format"), "format"),
        (lambda card: card.pop("labels"), "labels"),
        (lambda card: card.pop("framing"), "framing"),
        (lambda card: card["input"].pop("channels"), "input.channels"),
        (lambda card: card["output"].pop("kind"), "output.kind"),
        (lambda card: card["thresholds"].pop("min_confidence"), "thresholds.min_confidence"),
        (lambda card: card.update(temperature=0), "temperature"),
        (lambda card: card["labels"].reverse(), "labels"),
        (lambda card: card.update(sha256="0" * 64), "sha256"),
        (lambda card: card["input"].update(size=64), "input"),
        (lambda card: card["input"].update(scale=0.02), "input"),
        (lambda card: card["input"].update(dtype="float32"), "input.dtype"),
        (lambda card: card["output"].update(zero_point=5), "output"),
        (lambda card: card["output"].update(kind="probabilities"), "output.kind"),
        (lambda card: card["thresholds"].update(min_confidence=1.5), "min_confidence"),
    ],
)
def test_a_card_that_does_not_match_is_refused_by_name(pair: Path, edit: Edit, named: str) -> None:
    edit_card(pair, edit)
    with pytest.raises(ConfigurationError, match=named):
        loaded(pair)


def test_a_card_may_say_more_than_the_service_needs(pair: Path) -> None:
    edit_card(pair, lambda card: card.update(praise="by everyone"))
    assert loaded(pair).calibration == read_card(pair).calibration


def test_another_model_under_the_card_s_name_is_refused(pair: Path) -> None:
    content = bytearray(pair.read_bytes())
    content[len(content) // 2] ^= 1
    pair.write_bytes(content)
    with pytest.raises(ConfigurationError, match="sha256"):
        loaded(pair)


@pytest.mark.parametrize("missing", ["net.tflite", "net.json"])
def test_a_missing_half_of_the_pair_is_named(pair: Path, missing: str) -> None:
    (pair.parent / missing).unlink()
    with pytest.raises(ConfigurationError, match=missing):
        loaded(pair)


def test_a_runtime_that_is_not_installed_says_which_to_install() -> None:
    pytest.importorskip("ai_edge_litert")
    try:
        import tflite_runtime  # noqa: F401
    except ImportError:
        with pytest.raises(ConfigurationError, match="tflite-runtime"):
            loaded(SHIPPED_MODEL, "tflite-runtime")


@pytest.mark.parametrize("side", [24, 30, 47, 48, 49, 64, 96, 200])
def test_scaling_is_what_opencv_does(side: int) -> None:
    picture = np.random.default_rng(side).integers(0, 256, (side, side), dtype=np.uint8)
    way = cv2.INTER_AREA if side > 48 else cv2.INTER_LINEAR
    reference = cv2.resize(picture, (48, 48), interpolation=way)
    assert np.abs(scaled(picture, 48).astype(int) - reference).max() <= 1


def test_the_share_group_comes_from_its_file_when_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "group").write_text("secret-7\n")
    section = EmotionClassifierSection(share_group="a", share_group_file=tmp_path / "group")
    assert section.group() == "secret-7"
    assert EmotionClassifierSection(share_group="a").group() == "a"
    with pytest.raises(ConfigurationError, match="share_group_file"):
        EmotionClassifierSection(share_group_file=tmp_path / "nowhere").group()
