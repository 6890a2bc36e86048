"""A small detector that has learned drawn faces, and scenes that it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from calmloop.papers.frcnn.compose import SceneRecipe, compose
from calmloop.papers.frcnn.pictures import LabelledPicture
from calmloop.papers.frcnn.pretrain import BackboneRecipe, pretrain
from calmloop.papers.frcnn.train import TrainRecipe, train
from tests.papers.drawn_faces import drawn_faces


def silent(*_: Any) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class DrawnRun:
    """Its folder, itself, and the scenes."""

    folder: Path
    detector: Any
    held_out: Sequence[LabelledPicture]


def train_on_drawn(out: Path) -> DrawnRun:
    """A backbone that has learned to read other drawn faces, as in the study; half a minute."""
    learn = BackboneRecipe(epochs=8, batch_size=32, validation_fraction=0.1)
    backbone = pretrain(learn, drawn_faces(1400, 2), out / "backbone", silent)
    torch.save(backbone, out / "backbone.pt")
    scenes = SceneRecipe(per_fold=160, folds=2, two_share=0.5)
    training, held_out = compose(scenes, drawn_faces(420, 3), None)
    recipe = TrainRecipe(weights=str(out / "backbone.pt"), backbone_rate=0.0, epochs=8)
    return DrawnRun(out / "run", train(recipe, training, out / "run", silent), held_out)
