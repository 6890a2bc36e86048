"""What each idea brings, alone, on equal small budgets: one run per idea, one table."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from rich.table import Table

from calmloop.base.errors import ConfigurationError
from calmloop.cli.outputs import write_text
from calmloop.training.augment.augmentation import UNCHANGED, Augmentation
from calmloop.training.data.faces import Faces
from calmloop.training.data.readers import load_faces
from calmloop.training.learn.recipe import PLAIN, JointWeights, Recipe
from calmloop.training.learn.train import run_logits, train
from calmloop.training.measure import metrics

BASE = "calm, nothing added"
IDEAS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        BASE: {},
        "FER+ votes as soft labels": {"votes_share": 0.3},
        "class weights N/(C N_c)": {"class_weights": True},
        "flip": {"augmentation": replace(UNCHANGED, flip_p=0.5)},
        "turn, scale and shift": {
            "augmentation": replace(UNCHANGED, rotation_deg=10, scale=(0.88, 1.15), shift=0.08)
        },
        "brightness and contrast ±20 %": {
            "augmentation": replace(UNCHANGED, relight_p=0.8, contrast=(0.8, 1.2), gamma=(1, 1))
        },
        "TrivialAugmentWide": {"augmentation": replace(UNCHANGED, trivial_p=1.0)},
        "random erasing": {
            "augmentation": replace(UNCHANGED, erase_p=0.5, erase_area=(0.02, 0.33))
        },
        "cutout": {"augmentation": replace(UNCHANGED, cutout_p=0.5)},
        "motion blur, low resolution, noise": {
            "augmentation": replace(UNCHANGED, blur_p=0.1, lower_resolution_p=0.15, noise_p=0.2)
        },
        "mixup and CutMix": {"mix_p": 0.8},
        "distillation": {},
        "csam without its attention": {"network": "csam-without-attention"},
        "csam": {"network": "csam"},
        "csam with EHORM": {"network": "csam-ehorm"},
        "csam with refinement": {"network": "csam-refined"},
        "csam with EHORM and refinement": {"network": "csam-ehorm-refined"},
        "ghost": {"network": "ghost"},
        "ghost without its Ghost modules": {"network": "ghost-without-ghosts"},
        "ghost without squeeze and excitation": {"network": "ghost-without-se"},
        "ghost without multi-scale attention": {"network": "ghost-without-scales"},
        "all of calm's augmentation": {"augmentation": Augmentation()},
        "class centres (joint loss)": {"joint": JointWeights()},
        "label smoothing 0.05": {"label_smoothing": 0.05},
        "groups count as well": {"group_weight": 1.0},
    }
)
"""What is changed of the base recipe; each network is to be read against its own plain form."""

_DISTILLATION = "distillation"


def base_recipe(share: float, epochs: int, seed: int) -> Recipe:
    """Hard labels, no augmentation; weights averaged over little, as short runs need it."""
    return Recipe(
        **PLAIN | {"peak_learning_rate": 2e-3, "ema_decay": 0.98},
        epochs=epochs,
        batch_size=64,
        warmup_epochs=1.0,
        training_share=share,
        precision="mixed_bfloat16",
        seed=seed,
    )


def recipes(base: Recipe, teacher: Path | None, ideas: Collection[str] = ()) -> dict[str, Recipe]:
    """A recipe for the base and for `ideas`, or for all; distillation only with a teacher's logits.

    Raises:
        ConfigurationError: there is no such idea, or it lacks its teacher.
    """
    made = {name: base.model_copy(update=dict(change)) for name, change in IDEAS.items()}
    made.pop(_DISTILLATION, None)
    if teacher is not None:
        made[_DISTILLATION] = base.model_copy(update={"teacher": str(teacher)})
    for idea in ideas:
        if idea not in made:
            hint = "; distillation takes a teacher" if teacher is None else ""
            raise ConfigurationError(f"idea {idea!r} is none of {', '.join(made)}{hint}")
    return {name: made[name] for name in made if not ideas or name in {BASE, *ideas}}


def ablate(
    data: Path, out: Path, base: Recipe, teacher: Path | None, ideas: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Train every idea, or the base and ``ideas``, in folders below ``out``; measure on validation.

    Ideas are there to be chosen from, so PublicTest stays out of it. A killed call goes on where it
    stopped. Each row has accuracy of 7 and of 3, macro F1, and the gain in accuracy of 7 over the
    base with its standard error, face by face, in points.
    """
    _, faces = base.split(load_faces(data).to_train_on())
    rows: list[dict[str, Any]] = []
    base_right = np.empty(0)
    for name, recipe in recipes(base, teacher, ideas).items():
        run = out / "".join(letter if letter.isalnum() else "-" for letter in name)
        keras.backend.clear_session()  # else the networks before it stay in memory
        train(recipe, data, run)
        logits = run_logits(run, faces)
        right = (logits.argmax(axis=1) == faces.emotion).astype(np.float64)
        if name == BASE:
            base_right = right
        rows.append({"idea": name, **_row(logits, faces, right - base_right)})
        write_text(out / "ablation.json", json.dumps(rows, indent=1) + "\n")
    return rows


def _row(
    logits: npt.NDArray[np.float32], faces: Faces, gain: npt.NDArray[np.float64]
) -> dict[str, float]:
    return {
        "accuracy_7": round(100 * metrics.accuracy(logits, faces.emotion), 1),
        "accuracy_3": round(100 * metrics.group_accuracy(logits, faces.emotion), 1),
        "macro_f1": round(metrics.macro_f1(metrics.confusion(logits, faces.emotion)), 3),
        "gain": round(100 * float(gain.mean()), 1),
        "standard_error": round(100 * float(gain.std() / len(gain) ** 0.5), 1),
    }


def table(rows: list[dict[str, Any]], title: str) -> Table:
    """The rows of ``ablate``, or of ``ablate_over_seeds``, for a terminal."""
    shown = Table(title=title)
    for column in rows[0]:
        shown.add_column(column, justify="left" if column in {"idea", "over"} else "right")
    for row in rows:
        shown.add_row(*(str(value) for value in row.values()))
    return shown
