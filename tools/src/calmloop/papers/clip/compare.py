"""Zero-shot, head alone and LoRA on the same faces; and what merging LoRA costs: nothing."""

import statistics
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from calmloop.papers.clip.classifier import TunedClip
from calmloop.papers.clip.pixels import to_pixels
from calmloop.papers.clip.tune import mean_recall
from calmloop.training.data.faces import Faces, FloatArray, UInt8Array
from calmloop.training.measure.metrics import accuracy, confusion, group_accuracy, macro_f1

REPEATS = 15


@dataclass(frozen=True)
class Scored:
    """How a system did on labelled faces."""

    name: str
    accuracy: float
    recall: float
    f1: float
    groups: float

    @classmethod
    def of(cls, name: str, logits: FloatArray, truth: Any) -> "Scored":
        """Measures logits (N, 7)."""
        return cls(
            name,
            accuracy(logits, truth),
            mean_recall(logits, truth),
            macro_f1(confusion(logits, truth)),
            group_accuracy(logits, truth),
        )


def chance(faces: Faces) -> list[Scored]:
    """What knows nothing of a face: a draw among the seven, and always the most frequent."""
    classes = np.bincount(faces.emotion, minlength=7)
    always = np.zeros((len(faces), 7), np.float32)
    always[:, classes.argmax()] = 1
    draw = np.random.default_rng(0).random((len(faces), 7)).astype(np.float32)
    return [
        Scored.of("a draw among seven", draw, faces.emotion),
        Scored.of("always the most frequent", always, faces.emotion),
    ]


def table(rows: list[Scored]) -> str:
    """As Markdown."""
    lines = ["| | accuracy | mean recall | macro F1 | three groups |", "| --- " * 5 + "|"]
    for row in rows:
        values = (row.accuracy, row.recall, row.f1, row.groups)
        lines.append(
            " | ".join((f"| {row.name}", *(f"{100 * value:.1f} %" for value in values))) + " |"
        )
    return "\n".join(lines)


@dataclass(frozen=True)
class MergeCost:
    """The tower as it was, with LoRA beside its weights, and with LoRA merged into them."""

    largest_difference: float
    flops: tuple[int, int, int]
    times_ms: tuple[float, float, float]

    def lines(self) -> list[str]:
        """Each in a sentence."""
        base, beside, merged = self.flops
        names = ("base", "LoRA beside", "merged")
        told = ", ".join(f"{n} {ms:.1f} ms" for n, ms in zip(names, self.times_ms, strict=True))
        return [
            f"logits merged and not differ by {self.largest_difference:.1e} at most",
            f"operations for a face: base {base:,}, LoRA beside {beside:,}, merged {merged:,}",
            f"median time for a batch: {told}",
        ]


def merge_cost(base: TunedClip, tuned: TunedClip, images: UInt8Array) -> MergeCost:
    """Compares on faces (N, H, W), N as many as shall be in a batch."""
    merged = tuned.merged()
    pixels = to_pixels(images, tuned.side_px)
    three = (base, tuned, merged)
    for classifier in three:
        classifier.train(False)
    with torch.no_grad():
        difference = float((tuned(pixels) - merged(pixels)).abs().max())
        operations = [_flops(classifier, pixels[:1]) for classifier in three]
        times_ms = [[_time_ms(classifier, pixels) for classifier in three] for _ in range(REPEATS)]
    medians = [statistics.median(taken) for taken in zip(*times_ms, strict=True)]
    return MergeCost(
        difference,
        (operations[0], operations[1], operations[2]),
        (medians[0], medians[1], medians[2]),
    )


def _time_ms(classifier: TunedClip, pixels: Any) -> float:
    started_s = time.perf_counter()
    classifier(pixels)
    return 1000 * (time.perf_counter() - started_s)


def _flops(classifier: TunedClip, pixels: Any) -> int:
    counter = FlopCounterMode(display=False)
    with counter:
        classifier(pixels)
    return int(counter.get_total_flops())
