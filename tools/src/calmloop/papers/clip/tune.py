"""Trains LoRA and head on labelled faces, as the paper does: weighted loss, its augmentations."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch.nn import functional

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.papers.clip.classifier import (
    ALPHA,
    DROPOUT,
    RANK,
    TunedClip,
    build_classifier,
    load_tower,
)
from calmloop.papers.clip.pixels import to_pixels
from calmloop.papers.runs import Metrics, read_checkpoint, run_epochs
from calmloop.papers.schedule import cosine_schedule
from calmloop.training.augment.augmentation import erase, flip
from calmloop.training.augment.mixing import mix
from calmloop.training.augment.trivial_augment import trivial_augment_wide
from calmloop.training.data.faces import Faces, FloatArray, UInt8Array, split_validation
from calmloop.training.learn.targets import class_weights
from calmloop.training.measure.metrics import accuracy, confusion

Told = Callable[[int, Metrics], None]
BATCH = 256
BLACK = 0


class TuneRecipe(BaseModel):
    """Every choice of a run; the defaults are the paper's, where it names them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clip: str
    epochs: Annotated[int, Field(ge=1, le=1000)] = 5
    batch_size: Annotated[int, Field(ge=2, le=4096)] = 128
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.01
    warmup: Annotated[float, Field(gt=0, lt=1)] = 0.1
    rank: Annotated[int, Field(ge=1, le=256)] | None = RANK
    alpha: Annotated[int, Field(ge=1, le=1024)] = ALPHA
    dropout: Annotated[float, Field(ge=0, lt=1)] = DROPOUT
    class_weights: bool = True
    trivial_p: Annotated[float, Field(ge=0, le=1)] = 1.0
    erase_p: Annotated[float, Field(ge=0, le=1)] = 0.5
    mix_p: Annotated[float, Field(ge=0, le=1)] = 0.8
    validation_fraction: Annotated[float, Field(gt=0, lt=0.5)] = 0.06
    seed: Annotated[int, Field(ge=0)] = 1


def tune(recipe: TuneRecipe, faces: Faces, out: Path, told: Told) -> list[Metrics]:
    """Trains, or goes on where a killed run in ``out`` stopped.

    Raises:
        InputError: there is no CLIP, or ``out`` holds another run.
    """
    labelled = faces.to_train_on()
    training, validation = split_validation(labelled, recipe.validation_fraction, recipe.seed)
    torch.manual_seed(recipe.seed)
    classifier = _build(recipe)
    weights = torch.from_numpy(class_weights(training.emotion)) if recipe.class_weights else None
    rate = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay}
    optimizer = torch.optim.AdamW(classifier.parameters(), **rate)
    batches = max(1, len(training) // recipe.batch_size)
    schedule = cosine_schedule(optimizer, recipe.epochs * batches, recipe.warmup)

    def epoch(number: int) -> Metrics:
        classifier.train(True)
        losses = []
        for images, targets in _batches(training, recipe, number, batches):
            pixels = to_pixels(images, classifier.side_px)
            loss = functional.cross_entropy(
                classifier(pixels), torch.from_numpy(targets), weight=weights
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        called = logits_of(classifier, validation.images)
        metrics = {
            "loss": float(np.mean(losses)),
            "validation_accuracy": accuracy(called, validation.emotion),
            "validation_recall": mean_recall(called, validation.emotion),
        }
        told(number, metrics)
        return metrics

    parts = {"classifier": classifier, "optimizer": optimizer, "schedule": schedule}
    return run_epochs(out, recipe, labelled.digest(), parts, recipe.epochs, epoch)


def load_tuned(run: Path) -> TunedClip:
    """The classifier of a run after its last epoch, not merged.

    Raises:
        InputError: there is none, or its CLIP is gone.
    """
    saved = read_checkpoint(run)
    classifier = _build(TuneRecipe.model_validate_json(saved["recipe"]))
    classifier.load_state_dict(saved["parts"]["classifier"])
    classifier.train(False)
    return classifier


def _build(recipe: TuneRecipe) -> TunedClip:
    tower = load_tower(Path(recipe.clip))
    return build_classifier(tower, len(EMOTIONS), recipe.rank, recipe.alpha, recipe.dropout)


def logits_of(classifier: TunedClip, images: UInt8Array) -> FloatArray:
    """Logits (N, 7) of faces (N, H, W)."""
    classifier.train(False)
    with torch.no_grad():
        parts = [
            classifier(to_pixels(images[start : start + BATCH], classifier.side_px)).numpy()
            for start in range(0, len(images), BATCH)
        ]
    return np.concatenate(parts).astype(np.float32)


def mean_recall(logits: FloatArray, truth: Any) -> float:
    """Mean over the classes that occur of the share of their faces that is called so."""
    counts = confusion(logits, truth)
    support = counts.sum(axis=1)
    return float((counts.diagonal() / np.maximum(support, 1))[support > 0].mean())


def _batches(faces: Faces, recipe: TuneRecipe, epoch: int, count: int) -> Any:
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(faces))
    for n in range(count):
        rng = np.random.default_rng((recipe.seed, epoch, n))
        chosen = order[n * recipe.batch_size : (n + 1) * recipe.batch_size]
        images = trivial_augment_wide(flip(faces.images[chosen], rng), rng, recipe.trivial_p)
        images = erase(images, rng, p=recipe.erase_p, shade=BLACK)
        yield mix(images, one_hot[faces.emotion[chosen]], rng, recipe.mix_p)
