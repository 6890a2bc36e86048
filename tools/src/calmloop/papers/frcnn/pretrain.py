"""Teaches a small backbone to read faces, as the paper's have learned from ImageNet before."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import nn
from torch.nn import functional

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.papers.frcnn.backbones import SmallBackbone
from calmloop.papers.frcnn.detector import DEVIATION, MEAN
from calmloop.papers.frcnn.settings import Backbone
from calmloop.papers.runs import Metrics, run_epochs
from calmloop.papers.schedule import cosine_schedule
from calmloop.training.augment.augmentation import flip, jitter_crop
from calmloop.training.data.faces import Faces, UInt8Array, split_validation
from calmloop.training.measure.metrics import accuracy, group_accuracy

Told = Callable[[int, Metrics], None]
BATCH = 256


class BackboneRecipe(BaseModel):
    """Every choice of a run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backbone: Backbone = Backbone.SMALL_RESIDUAL
    epochs: Annotated[int, Field(ge=1, le=1000)] = 6
    batch_size: Annotated[int, Field(ge=2, le=4096)] = 64
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 5e-4
    warmup: Annotated[float, Field(gt=0, lt=1)] = 0.1
    validation_fraction: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    seed: Annotated[int, Field(ge=0)] = 1


class FaceNetwork(nn.Module):  # type: ignore[misc]
    """A small backbone, the mean of its map, and a layer that names the seven emotions."""

    def __init__(self, kind: Backbone) -> None:
        super().__init__()
        self.backbone = SmallBackbone(nn.BatchNorm2d, residual=kind is Backbone.SMALL_RESIDUAL)
        self.named = nn.Linear(self.backbone.out_channels, len(EMOTIONS))

    def forward(self, faces: Any) -> Any:
        """(N, 3, H, W), normalised, to logits (N, 7)."""
        return self.named(self.backbone(faces).mean(dim=(2, 3)))


def pretrain(recipe: BackboneRecipe, faces: Faces, out: Path, told: Told) -> Any:
    """The trained backbone's tensors, by name; a checkpoint after each epoch is in ``out``.

    Raises:
        InputError: ``out`` holds another run.
    """
    training, validation = split_validation(faces, recipe.validation_fraction, recipe.seed)
    torch.manual_seed(recipe.seed)
    network = FaceNetwork(recipe.backbone)
    optimizer = torch.optim.SGD(
        network.parameters(),
        recipe.learning_rate,
        momentum=0.9,
        nesterov=True,
        weight_decay=recipe.weight_decay,
    )
    batches = max(1, len(training) // recipe.batch_size)
    schedule = cosine_schedule(optimizer, recipe.epochs * batches, recipe.warmup)

    def epoch(number: int) -> Metrics:
        network.train()
        order = np.random.default_rng((recipe.seed, number)).permutation(len(training))
        losses = []
        for n in range(batches):
            rng = np.random.default_rng((recipe.seed, number, n))
            chosen = order[n * recipe.batch_size : (n + 1) * recipe.batch_size]
            pixels = _pixels(jitter_crop(flip(training.images[chosen], rng), rng))
            wanted = torch.from_numpy(training.emotion[chosen])
            loss = functional.cross_entropy(network(pixels), wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        logits = _logits(network, validation.images)
        metrics = {
            "loss": float(np.mean(losses)),
            "validation_accuracy": accuracy(logits, validation.emotion),
            "validation_groups": group_accuracy(logits, validation.emotion),
        }
        told(number, metrics)
        return metrics

    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    run_epochs(out, recipe, faces.digest(), parts, recipe.epochs, epoch)
    return network.backbone.state_dict()


def _logits(network: Any, images: UInt8Array) -> Any:
    network.eval()
    with torch.no_grad():
        parts = [
            network(_pixels(images[start : start + BATCH])).numpy()
            for start in range(0, len(images), BATCH)
        ]
    return np.concatenate(parts).astype(np.float32)


def _pixels(images: UInt8Array) -> Any:
    """Gray faces (N, H, W) as the detector gets pictures: thrice, normalised."""
    gray = torch.from_numpy(np.ascontiguousarray(images)).float()[:, None] / 255
    shape = (1, 3, 1, 1)
    return (gray - torch.tensor(MEAN).view(shape)) / torch.tensor(DEVIATION).view(shape)
