"""Measures an int8 network with its card on one part of the data."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from calmloop.messages.emotion import EMOTIONS

from . import metrics
from .card import read_card
from .data import Usage
from .readers import load_faces
from .tflite import Int8Network


def measure(
    logits: npt.NDArray[np.float32],
    truth: npt.NDArray[np.int64],
    temperature: float,
    limits: metrics.Limits,
) -> dict[str, Any]:
    """All figures of logits (N, 7) against labels (N,), rounded to four places."""
    counts = metrics.confusion(logits, truth)
    hits, named, shown = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
    operating = asdict(metrics.operate(logits, truth, temperature, limits))
    return {
        "faces": len(truth),
        "accuracy_7": round(metrics.accuracy(logits, truth), 4),
        "accuracy_3": round(metrics.group_accuracy(logits, truth, temperature), 4),
        "macro_f1": round(metrics.macro_f1(counts), 4),
        "calibration_error_before": round(metrics.calibration_error(logits, truth), 4),
        "calibration_error_after": round(metrics.calibration_error(logits, truth, temperature), 4),
        "operating": {key: round(value, 4) for key, value in operating.items()},
        "precision": _by_emotion(hits / np.maximum(named, 1)),
        "recall": _by_emotion(hits / np.maximum(shown, 1)),
        "confusion": counts.tolist(),
    }


def evaluate(model: Path, data: Path, usage: Usage) -> dict[str, Any]:
    """Figures of one ``.tflite`` with its card on one part of the data in ``data``.

    Raises CardError when the card is not the model's, DataError for unusable data.
    """
    card = read_card(model)
    faces = load_faces(data).part(usage)
    network = Int8Network(model)
    limits = metrics.Limits(**card.thresholds.model_dump())
    figures = measure(network.logits(faces.images), faces.emotion, card.temperature, limits)
    return {
        "model": f"{card.name} {card.version}",
        "part": usage.value,
        "bytes": model.stat().st_size,
        "latency_ms": round(network.latency_ms(), 3),
        **figures,
    }


def _by_emotion(values: npt.NDArray[np.floating]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(EMOTIONS, values, strict=True)}
