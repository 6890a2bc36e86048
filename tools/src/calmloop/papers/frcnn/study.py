"""The paper's comparisons, each by cross-validation: of backbones, and of the box loss's weight."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.errors import InputError
from calmloop.cli.outputs import whole_file, write_text
from calmloop.papers.frcnn.measure import Score, measure
from calmloop.papers.frcnn.pictures import Folds, digest_of
from calmloop.papers.frcnn.pretrain import BackboneRecipe, pretrain
from calmloop.papers.frcnn.settings import Backbone, BoxLoss, Pooling, settings_for
from calmloop.papers.frcnn.train import TrainRecipe, train
from calmloop.papers.frcnn.weights import BY_TORCHVISION
from calmloop.papers.runs import Metrics
from calmloop.training.data.faces import Faces

RESULT = "result.json"
TellFold = Callable[["Cell", int, Score], None]
TellEpoch = Callable[[int, Metrics], None]


class StudyRecipe(BaseModel):
    """What is compared, and how each of it is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backbones: tuple[Backbone, ...] = (Backbone.SMALL_PLAIN, Backbone.SMALL_RESIDUAL)
    """At a weight of 1; the last one is what the weights are tried with."""
    box_weights: tuple[Annotated[float, Field(gt=0, le=1000)], ...] = (1.0, 5.0, 10.0, 15.0)
    pooling: Pooling = Pooling.ALIGN
    weights: str | None = None
    """`torchvision`, or a folder with a file such as `vgg16.pt` for each backbone."""
    pretrain_epochs: Annotated[int, Field(ge=0, le=1000)] = 6
    """Over faces that no scene has, before anything else, where no weights are named."""
    epochs: Annotated[int, Field(ge=1, le=1000)] = 8
    seed: Annotated[int, Field(ge=0)] = 1


@dataclass(frozen=True)
class Cell:
    """One row of the table: a backbone and a weight of the box loss."""

    backbone: Backbone
    box_weight: float

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.backbone}-lambda{self.box_weight:g}"


Scores = dict[Cell, list[Score]]


def cells_of(recipe: StudyRecipe) -> list[Cell]:
    """The backbones at the first weight, then the other weights with the last backbone."""
    first, *others = recipe.box_weights
    compared = [Cell(backbone, first) for backbone in recipe.backbones]
    return compared + [Cell(recipe.backbones[-1], weight) for weight in others]


def run_study(recipe: StudyRecipe, folds: Folds, out: Path, told: TellFold) -> Scores:
    """Every cell on every fold, those that are done not again; a killed one goes on.

    Raises:
        InputError: ``out`` holds another study, or one on other pictures.
    """
    _begin(recipe, folds, out)
    scores: Scores = {}
    # Fold by fold, so that a study that was broken off has something of every row.
    for fold in range(len(folds)):
        for cell in cells_of(recipe):
            score = _score(recipe, cell, folds, fold, out)
            scores.setdefault(cell, []).append(score)
            told(cell, fold, score)
    return scores


def read_study(out: Path) -> Scores:
    """What is done of a study so far.

    Raises:
        InputError: there is none.
    """
    recipe = StudyRecipe.model_validate(_read(out / "study.json")["recipe"])
    return {cell: done for cell in cells_of(recipe) if (done := list(_done(out / cell.name)))}


def _done(folder: Path) -> Iterator[Score]:
    for path in sorted(folder.glob(f"fold*/{RESULT}")):
        yield Score(**_read(path))


def pretrained(recipe: StudyRecipe, faces: Faces, out: Path, told: TellEpoch) -> None:
    """Teaches each small backbone of a study to read faces, those that know it not again.

    Raises:
        InputError: a folder holds another run.
    """
    for backbone in recipe.backbones:
        path = _pretrained(out, backbone)
        if backbone.is_small and not path.is_file():
            learn = BackboneRecipe(
                backbone=backbone, epochs=recipe.pretrain_epochs, seed=recipe.seed
            )
            tensors = pretrain(learn, faces, path.parent, told)
            with whole_file(path) as file:
                torch.save(tensors, file)


def _pretrained(out: Path, backbone: Backbone) -> Path:
    return out / "pretrained" / backbone / "backbone.pt"


def _weights(recipe: StudyRecipe, backbone: Backbone, out: Path) -> str | None:
    if recipe.weights == BY_TORCHVISION:
        return BY_TORCHVISION
    if recipe.weights is not None:
        return str(Path(recipe.weights) / f"{backbone}.pt")
    path = _pretrained(out, backbone)
    return str(path) if path.is_file() else None


def _begin(recipe: StudyRecipe, folds: Folds, out: Path) -> None:
    begun = {"recipe": recipe.model_dump(mode="json"), "digest": digest_of(folds)}
    path = out / "study.json"
    if path.is_file():
        saved = _read(path)
        for key, says in (("recipe", "of other choices"), ("digest", "on other pictures")):
            if saved.get(key) != begun[key]:
                raise InputError(f"{out} holds a study {says}: name another folder")
    else:
        write_text(path, json.dumps(begun, indent=1) + "\n")


def _score(recipe: StudyRecipe, cell: Cell, folds: Folds, fold: int, out: Path) -> Score:
    run = out / cell.name / f"fold{fold + 1}"
    if (run / RESULT).is_file():
        return Score(**_read(run / RESULT))
    weights = _weights(recipe, cell.backbone, out)
    detector = settings_for(
        cell.backbone,
        pooling=recipe.pooling,
        frozen_norms=weights is not None,
        loss=BoxLoss(weight=cell.box_weight),
    )
    training = TrainRecipe(
        detector=detector,
        weights=weights,
        # A few hundred scenes would unmake what a small one has learned of faces.
        backbone_rate=0.0 if weights and cell.backbone.is_small else 1.0,
        epochs=recipe.epochs,
        seed=recipe.seed + fold,
    )
    others = [picture for n, part in enumerate(folds) if n != fold for picture in part]
    score = measure(train(training, others, run, lambda *_: None), folds[fold])
    write_text(run / RESULT, json.dumps(asdict(score)) + "\n")
    return score


def _read(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}): name the folder of a study") from error
    return read


def of_each(scores: Sequence[Score], name: str) -> list[float]:
    """One metric of every fold."""
    return [float(getattr(score, name)) for score in scores]
