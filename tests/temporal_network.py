"""Temporal networks of drawn weights, written as the export writes them, with a card beside."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from calmloop.emotion_classifier import (
    TEMPORAL_FEATURES,
    TEMPORAL_LABELS,
    FrameNetwork,
    TemporalCard,
    card_path,
    digest,
)
from calmloop.emotion_classifier.settings import SHIPPED_MODEL
from calmloop.papers.temporal.tflite import TemporalWeights, temporal_file

FRAMES = 12
HIDDEN = 6


def drawn_weights(seed: int) -> TemporalWeights:
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return rng.normal(0, 0.5, shape).astype(np.float32)

    return TemporalWeights(
        kernel=drawn(4, HIDDEN, len(TEMPORAL_FEATURES)),
        recurrent=drawn(4, HIDDEN, HIDDEN),
        bias=drawn(4, HIDDEN),
        project=drawn(HIDDEN, HIDDEN),
        project_bias=drawn(HIDDEN),
        score=drawn(1, HIDDEN),
        head=drawn(3, HIDDEN),
        head_bias=drawn(3),
    )


def always(*logits: float) -> TemporalWeights:
    """A network that says the same of every window."""
    weights = drawn_weights(1)
    return replace(
        weights, head=np.zeros_like(weights.head), head_bias=np.array(logits, np.float32)
    )


def write_network(model: Path, weights: TemporalWeights) -> Path:
    """The file, and the card of one that reads the shipped network's answers; its path."""
    model.write_bytes(temporal_file(weights, FRAMES))
    card = TemporalCard(
        sha256=digest(model),
        format=1,
        kind="temporal",
        name="drawn",
        version="1",
        labels=TEMPORAL_LABELS,
        features=TEMPORAL_FEATURES,
        frames=FRAMES,
        window_s=2.0,
        frame_network=FrameNetwork(name="calm", sha256=digest(SHIPPED_MODEL)),
        operators=(),
        data={},
        training={},
        metrics={},
        licence="",
        intended_use="",
        limits=(),
    )
    card_path(model).write_text(card.model_dump_json(), encoding="utf-8")
    return model
