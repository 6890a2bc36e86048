"""Measures networks on one part of the data: metrics, robustness, latency, all of one shape."""

from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier import read_card
from calmloop.training.augment.corrupt import Corruption, corrupt
from calmloop.training.augment.spoilings import NO_FACE, Spoiling, spoil_all
from calmloop.training.data.faces import Faces
from calmloop.training.measure import calling, metrics
from calmloop.training.tflite.network import Int8Network
from calmloop.training.tflite.peers import FerNetwork, Peer, find_peer
from calmloop.training.tflite.runtimes import installed, latency_ms

Floats = npt.NDArray[np.float32]


class Network(Protocol):
    """Anything that turns faces (N, 48, 48) uint8 into logits (N, 7)."""

    def logits(self, images: npt.NDArray[np.uint8]) -> Floats:
        """Logits (N, 7) float32."""


@dataclass(frozen=True)
class Candidate:
    """A network to be measured, with what its card says of it.

    A peer has no card: its temperature is 1, and without ``limits`` nothing is said about doubt.
    """

    name: str
    path: Path
    network: Network
    temperature: float = 1.0
    limits: calling.Limits | None = None
    float_parent: dict[str, float] | None = None


def open_model(model: Path) -> Candidate:
    """A ``.tflite`` with its card beside it.

    Raises:
        CardError: they do not belong together.
    """
    card = read_card(model)
    return Candidate(
        name=f"{card.name} {card.version}",
        path=model,
        network=Int8Network(model),
        temperature=card.temperature,
        limits=calling.Limits(**card.thresholds.model_dump(), doubt_logit=card.doubt_logit),
        float_parent=card.metrics.get("float_agreement_PublicTest"),
    )


def open_peer(peer: Peer, environment: Path) -> Candidate:
    """A peer's network as it lies in its own environment.

    Raises:
        PeerError: it is not installed there.
    """
    path = find_peer(peer, environment)
    return Candidate(name=peer.value, path=path, network=FerNetwork(path))


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
    candidate: Candidate, faces: Faces, *, with_corruptions: bool = False, spoiled: bool = False
) -> dict[str, Any]:
    """Metrics of one network on faces, with its size and its latency on every runtime here.

    ``with_corruptions`` adds the accuracies on each kind of corrupted copy of the faces, and
    ``spoiled`` what is said of faces of which little can be seen.
    """
    logits = candidate.network.logits(faces.images)
    measured: dict[str, Any] = {
        "model": candidate.name,
        "bytes": candidate.path.stat().st_size,
        "latency_ms": {
            runtime.value: round(latency_ms(candidate.path, runtime), 3) for runtime in installed()
        },
        "temperature": candidate.temperature,
        **measure(logits, faces.emotion, candidate.temperature, candidate.limits),
    }
    if candidate.limits is not None:
        needed = calling.choose_limits(logits, faces.emotion, candidate.temperature)
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
        measured["spoiled"] = measure_spoiled(candidate, faces)
    return measured


def measure_spoiled(candidate: Candidate, faces: Faces) -> dict[str, dict[str, float]]:
    """What a network says of faces that are spoiled in each way, and how often that is wrong.

    Of what has no face, every label is wrong. A network without limits names what is likelier than
    all else together.
    """
    limits = candidate.limits or calling.Limits(calling.MIN_LIMIT, calling.MIN_LIMIT)
    return {way.value: _spoiled(candidate, faces, way, limits) for way in Spoiling}


def _spoiled(
    candidate: Candidate, faces: Faces, way: Spoiling, limits: calling.Limits
) -> dict[str, float]:
    logits = candidate.network.logits(spoil_all(faces.images, way))
    found = calling.operate(logits, faces.emotion, candidate.temperature, limits)
    error = metrics.calibration_error(logits, faces.emotion, candidate.temperature)
    told = {"labelled": found.coverage}
    if way not in NO_FACE:
        told |= {"wrong": found.wrong, "positive_wrong": found.positive_wrong, "ece": error}
    return {key: round(value, 4) for key, value in told.items()}


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
