import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier.card import CardError, ModelCard, card_path, digest, read_card
from calmloop.training.export.card import write_card


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "calm.tflite"
    path.write_bytes(b"TFL3 weights")
    return path


def fields(model: Path) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "calm",
        "version": "1.0.0",
        "labels": EMOTIONS,
        "input": {
            "size": 48,
            "channels": 1,
            "dtype": "int8",
            "scale": 1 / 128,
            "zero_point": 0,
            "pixel_scale": 1 / 128,
            "pixel_offset": -1.0,
            "preprocess": "gray",
        },
        "output": {"kind": "logits", "dtype": "int8", "scale": 0.05, "zero_point": -3},
        "framing": {"box_scale": 1.0, "dx": 0.0, "dy": 0.0},
        "temperature": 1.1,
        "thresholds": {"min_confidence": 0.5, "min_confidence_positive": 0.7},
        "sha256": digest(model),
        "operators": ("CONV_2D",),
        "data": {},
        "training": {},
        "metrics": {},
        "licence": "Apache-2.0",
        "intended_use": "a hint",
        "limits": ("adults",),
    }


def test_a_card_comes_back_as_it_was_written(model: Path) -> None:
    card = ModelCard(**fields(model))
    assert write_card(card, model) == card_path(model)
    assert read_card(model) == card
    written = json.loads(card_path(model).read_text())
    assert written["labels"] == list(EMOTIONS)
    assert (written["format"], written["input"]["dtype"]) == (1, "int8")


def test_a_card_of_another_file_is_refused(model: Path) -> None:
    write_card(ModelCard(**fields(model)), model)
    model.write_bytes(b"TFL3 other weights")
    with pytest.raises(CardError, match="export the model again"):
        read_card(model)


def test_a_missing_and_a_broken_card_are_refused(model: Path) -> None:
    with pytest.raises(CardError, match=r"calm\.json is expected beside it"):
        read_card(model)
    card_path(model).write_text('{"format": 2}')
    with pytest.raises(CardError, match="is not a model card"):
        read_card(model)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": tuple(reversed(EMOTIONS))},
        {"temperature": 0.0},
        {"thresholds": {"min_confidence": 1.2, "min_confidence_positive": 0.7}},
        {"sha256": "beef"},
        {"surprise": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_card_with_a_wrong_value_is_refused(model: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ModelCard(**{**fields(model), **change})
