"""Trains a detector, or goes on where a killed run stopped."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from calmloop.papers.frcnn.augment import augmented
from calmloop.papers.frcnn.detector import build_detector
from calmloop.papers.frcnn.pictures import LabelledPicture, digest_of, to_input, to_target
from calmloop.papers.frcnn.settings import DetectorSettings
from calmloop.papers.frcnn.weights import load_weights
from calmloop.papers.runs import Metrics, read_checkpoint, run_epochs
from calmloop.papers.schedule import cosine_schedule

Told = Callable[[int, Metrics], None]
MOMENTUM = 0.9
LARGEST_GRADIENT = 10.0
"""A run with a large weight of the box loss must not end in no numbers at its beginning."""


class TrainRecipe(BaseModel):
    """Every choice of a run; momentum and weight decay are the paper's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    detector: DetectorSettings = DetectorSettings()
    weights: str | None = None
    """A file, or `torchvision`: see `load_weights`."""
    epochs: Annotated[int, Field(ge=1, le=1000)] = 5
    batch_size: Annotated[int, Field(ge=1, le=4096)] = 8
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    """The paper has 0.005 and then 0.0001, in batches of 16; by a cosine here."""
    backbone_rate: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Of the learning rate what the backbone gets; with 0 it stays as it is."""
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.001
    warmup: Annotated[float, Field(gt=0, lt=1)] = 0.1
    augment: bool = True
    seed: Annotated[int, Field(ge=0)] = 1


def train(recipe: TrainRecipe, pictures: Sequence[LabelledPicture], out: Path, told: Told) -> Any:
    """The trained detector; a checkpoint after every epoch is in ``out``.

    Raises:
        InputError: ``out`` holds another run, or the weights cannot be used.
    """
    torch.manual_seed(recipe.seed)
    detector = build_detector(recipe.detector)
    if recipe.weights is not None:
        load_weights(detector, recipe.detector, recipe.weights)
    if not recipe.backbone_rate:
        detector.backbone.requires_grad_(False)
    trained = [parameter for parameter in detector.parameters() if parameter.requires_grad]
    optimizer = _optimizer(recipe, detector)
    batches = -(-len(pictures) // recipe.batch_size)
    schedule = cosine_schedule(optimizer, recipe.epochs * batches, recipe.warmup)

    def epoch(number: int) -> Metrics:
        detector.train()
        sums: dict[str, float] = {}
        for images, targets in _batches(pictures, recipe, number):
            losses = detector(images, targets)
            optimizer.zero_grad()
            sum(losses.values()).backward()
            torch.nn.utils.clip_grad_norm_(trained, LARGEST_GRADIENT)
            optimizer.step()
            schedule.step()
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + float(loss.detach())
        metrics = {name: value / batches for name, value in sums.items()}
        told(number, metrics)
        return metrics

    parts = {"detector": detector, "optimizer": optimizer, "schedule": schedule}
    run_epochs(out, recipe, digest_of([pictures]), parts, recipe.epochs, epoch)
    return detector


def _optimizer(recipe: TrainRecipe, detector: Any) -> Any:
    rest = [*detector.rpn.parameters(), *detector.roi_heads.parameters()]
    groups: list[dict[str, Any]] = [{"params": rest}]
    backbone = [each for each in detector.backbone.parameters() if each.requires_grad]
    if backbone:
        groups.append({"params": backbone, "lr": recipe.backbone_rate * recipe.learning_rate})
    return torch.optim.SGD(
        groups, recipe.learning_rate, momentum=MOMENTUM, weight_decay=recipe.weight_decay
    )


def load_trained(run: Path) -> Any:
    """The detector of a run after its last epoch.

    Raises:
        InputError: there is none.
    """
    saved = read_checkpoint(run)
    recipe = TrainRecipe.model_validate_json(saved["recipe"])
    detector = build_detector(recipe.detector)
    detector.load_state_dict(saved["parts"]["detector"])
    detector.eval()
    return detector


def _batches(pictures: Sequence[LabelledPicture], recipe: TrainRecipe, epoch: int) -> Any:
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(pictures))
    for start in range(0, len(order), recipe.batch_size):
        rng = np.random.default_rng((recipe.seed, epoch, start))
        chosen = [pictures[n] for n in order[start : start + recipe.batch_size]]
        shown = [augmented(one, rng) for one in chosen] if recipe.augment else chosen
        yield [to_input(one) for one in shown], [to_target(one) for one in shown]
