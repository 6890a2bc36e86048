"""Measures networks on one part of the data: metrics, robustness, latency, all of one shape."""

from dataclasses import asdict
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.statistics.wilson import wilson
from calmloop.training.augment.corrupt import Corruption, corrupt
from calmloop.training.augment.spoilings import NO_FACE, Spoiling
from calmloop.training.measure import calling, choosing, metrics
from calmloop.training.measure.by_trait import by_trait
from calmloop.training.measure.candidate import CandidateAnswers, Floats
from calmloop.training.measure.valence import valence_agreement
from calmloop.training.tflite.runtimes import installed, latency_ms


def measure(
    logits: Floats,
    truth: npt.NDArray[np.int64],
    temperature: float,
    limits: calling.Limits | None = None,
) -> dict[str, Any]:
    """All metrics of logits (N, 7) against labels (N,), rounded to four places.

    ``absent`` are the emotions that no face shows: they are in no mean. A share of nothing is None.
    Without limits there is no ``operating`` entry.
    """
    counts = metrics.confusion(logits, truth)
    hits, predicted, support = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
    measured: dict[str, Any] = {
        "faces": len(truth),
        **_accuracies(logits, truth, temperature),
        "macro_f1": round(metrics.macro_f1(counts), 4),
        "calibration_error_before": round(metrics.calibration_error(logits, truth), 4),
        "calibration_error_after": round(metrics.calibration_error(logits, truth, temperature), 4),
        "absent": [name for name, count in zip(EMOTIONS, support, strict=True) if not count],
        "precision": _by_emotion(hits, predicted),
        "recall": _by_emotion(hits, support),
        "confusion": counts.tolist(),
    }
    if limits is not None:
        operating = asdict(calling.operate(logits, truth, temperature, limits))
        measured["operating"] = {key: round(value, 4) for key, value in operating.items()}
    return measured


def evaluate(
    answers: CandidateAnswers, *, with_corruptions: bool = False, spoiled: bool = False
) -> dict[str, Any]:
    """Metrics of one network on faces, with its size and its latency on every runtime here.

    ``with_corruptions`` adds the accuracies on each kind of corrupted copy of the faces, and
    ``spoiled`` what is said of faces of which little can be seen.
    """
    candidate, faces, logits = answers.candidate, answers.faces, answers.logits()
    measured: dict[str, Any] = {
        "model": candidate.name,
        "bytes": candidate.path.stat().st_size,
        "latency_ms": {
            runtime.value: round(latency_ms(candidate.path, runtime), 3) for runtime in installed()
        },
        "temperature": candidate.temperature,
        **measure(logits, faces.emotion, candidate.temperature, candidate.limits),
        "selective": _selective(answers),
        "traits": by_trait(answers),
        "valence": valence_agreement(answers),
    }
    if candidate.limits is not None:
        needed = choosing.choose_limits(logits, faces.emotion, candidate.temperature)
        measured["limits"] = {
            "card": candidate.limits.thresholds,
            "positive_for_5_percent_wrong": needed.min_confidence_positive,
        }
    if candidate.float_parent is not None:
        measured["card_PublicTest"] = candidate.float_parent
    if with_corruptions:
        measured["corrupted"] = {
            kind.value: _accuracies(
                candidate.network.logits(corrupt(faces.images, kind)),
                faces.emotion,
                candidate.temperature,
            )
            for kind in Corruption
        }
    if spoiled:
        measured["spoiled"] = {way.value: _spoiled(answers, way) for way in Spoiling}
    return measured


def _selective(answers: CandidateAnswers) -> dict[str, float | None]:
    """Areas under risk over coverage, and how true the groups' probabilities are."""
    told = {
        "aurc": answers.risk().area,
        "aurc_positive": answers.risk(only=Label.POSITIVE).area,
        "group_calibration_error": answers.reliability().error,
    }
    return {key: None if isnan(value) else round(value, 4) for key, value in told.items()}


def _spoiled(answers: CandidateAnswers, way: Spoiling) -> dict[str, float | list[float]]:
    """What is said of faces that are spoiled in one way, and how often that is wrong.

    Of what has no face, every label is wrong.
    """
    found = answers.operate(way)
    told: dict[str, float | list[float]] = {"labelled": round(found.coverage, 4)}
    if way in NO_FACE:
        return told
    between = wilson(found.positive_wrong, found.positive_called)
    return told | {
        "wrong": round(found.wrong, 4),
        "positive_wrong": round(found.positive_wrong, 4),
        "positive_wrong_95": [round(float(end), 4) for end in between],
        "ece": round(answers.reliability(way).error, 4),
        "aurc": round(answers.risk(way).area, 4),
    }


def _accuracies(
    logits: Floats, truth: npt.NDArray[np.int64], temperature: float
) -> dict[str, float | None]:
    in_groups = metrics.group_accuracy(logits, truth, temperature)
    return {
        "accuracy_7": round(metrics.accuracy(logits, truth), 4),
        "accuracy_3": None if isnan(in_groups) else round(in_groups, 4),
    }


def _by_emotion(hits: npt.NDArray[np.int64], of: npt.NDArray[np.int64]) -> dict[str, float | None]:
    return {
        name: round(float(hit / count), 4) if count else None
        for name, hit, count in zip(EMOTIONS, hits, of, strict=True)
    }
