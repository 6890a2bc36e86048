"""What a recipe makes of the labels: soft targets, a teacher's opinion, and weights for rarity."""

from pathlib import Path

import numpy as np

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import Faces, FloatArray, IntArray, soft_targets
from calmloop.training.learn.recipe import Recipe
from calmloop.training.learn.teacher import load_teacher


def training_targets(faces: Faces, recipe: Recipe) -> FloatArray:
    """Targets (N, 7), rows summing to 1: labels, FER+ votes and the teacher, mixed and smoothed.

    Distillation after Hinton et al., 2015, with the softened opinion as a share of the targets.
    Raises DataError when the teacher's file is unfit or does not know a face.
    """
    targets = soft_targets(faces, recipe.votes_share, recipe.label_smoothing)
    if recipe.teacher is None:
        return targets
    opinion = load_teacher(Path(recipe.teacher)).targets(faces.images, recipe.teacher_temperature)
    share = np.float32(recipe.teacher_share)
    mixed: FloatArray = ((1 - share) * targets + share * opinion).astype(np.float32)
    return mixed


def class_weights(emotion: IntArray) -> FloatArray:
    """Inverse frequency (7,): N / (C N_c); a class without a face weighs 0."""
    counts = np.bincount(emotion, minlength=len(EMOTIONS))
    weights = np.where(counts > 0, len(emotion) / (len(EMOTIONS) * np.maximum(counts, 1)), 0)
    return np.asarray(weights, np.float32)
