"""Scenes made here: faces of FER-2013 and children that nobody is, on plain backgrounds.

No face is in two folds, nor a twin of it: each fold's scenes are made of faces of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import EMOTIONS, GROUPS
from calmloop.papers.frcnn.pictures import LabelledPicture
from calmloop.synth.mesh import load_mesh
from calmloop.synth.plan import ROUND, plan
from calmloop.synth.scene import Studio
from calmloop.training.data.faces import Faces, FloatArray, UInt8Array, split_fold
from calmloop.training.data.labels import GROUP_COLUMNS

GROUP_OF = {
    EMOTIONS[column]: n for n, columns in enumerate(GROUP_COLUMNS.values()) for column in columns
}
"""Places in GROUPS' order; surprise is in none and no scene has it."""
TRIES = 20
EDGE = 0.12
"""Of a face of FER-2013 the part at each edge that fades into the background."""


class SceneRecipe(BaseModel):
    """How scenes are made; the same for the same seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    side_px: Annotated[int, Field(ge=64, le=1024)] = 96
    per_fold: Annotated[int, Field(ge=1, le=100_000)] = 200
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    empty_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    two_share: Annotated[float, Field(ge=0, le=1)] = 0.25
    children_share: Annotated[float, Field(ge=0, le=1)] = 0.3
    children_per_group: Annotated[int, Field(ge=1, le=18)] = 12
    """Drawn for each fold; shown in several places and sizes."""
    smallest_face: Annotated[float, Field(gt=0, le=1)] = 0.36
    largest_face: Annotated[float, Field(gt=0, le=1)] = 0.56
    """Sides of a face in sides of the picture."""
    seed: Annotated[int, Field(ge=0)] = 1


@dataclass(frozen=True)
class Patch:
    """A face to be put into a scene: pixels (H, W, 3), how far each shows, its box and group."""

    pixels: UInt8Array
    shown: FloatArray
    box: tuple[float, float, float, float]
    group: int


def compose(
    recipe: SceneRecipe, faces: Faces | None, assets: Path | None
) -> list[list[LabelledPicture]]:
    """Scenes in folds, of what is there of faces and of the assets that children are drawn from.

    Raises:
        InputError: neither is there, or a fold has no face of a group.
    """
    if faces is None and assets is None:
        raise InputError("name --data with faces, --assets to draw children from, or both")
    studio = None if assets is None else Studio(load_mesh(assets), recipe.side_px)
    return [_fold(recipe, faces, studio, fold) for fold in range(recipe.folds)]


def _fold(
    recipe: SceneRecipe, faces: Faces | None, studio: Studio | None, fold: int
) -> list[LabelledPicture]:
    pools: list[tuple[float, list[list[Patch]]]] = []
    if studio is not None:
        pools.append((recipe.children_share, _children(recipe, studio, fold)))
    if faces is not None:
        own = split_fold(faces, recipe.folds, fold, recipe.seed)[1]
        pools.append((1 - recipe.children_share, _cut_out(own)))
    for _, pool in pools:
        for group, patches in zip(GROUPS, pool, strict=True):
            if not patches:
                raise InputError(f"fold {fold + 1} has no {group.value} face: add some")
    shares = np.array([share for share, _ in pools])
    shares = shares / shares.sum() if shares.sum() else np.full(len(pools), 1 / len(pools))
    scenes = []
    for n in range(recipe.per_fold):
        rng = np.random.default_rng((recipe.seed, fold, n))
        chosen = []
        for _ in range(_faces_in(recipe, rng)):
            patches = pools[int(rng.choice(len(pools), p=shares))][1][int(rng.integers(3))]
            chosen.append(patches[int(rng.integers(len(patches)))])
        scenes.append(_scene(recipe, chosen, rng, f"fold {fold}"))
    return scenes


def _faces_in(recipe: SceneRecipe, rng: np.random.Generator) -> int:
    drawn = rng.random()
    if drawn < recipe.empty_share:
        return 0
    return 2 if drawn > 1 - recipe.two_share else 1


def _cut_out(faces: Faces) -> list[list[Patch]]:
    pool: list[list[Patch]] = [[] for _ in GROUPS]
    for image, emotion in zip(faces.images, faces.emotion, strict=True):
        group = GROUP_OF.get(EMOTIONS[int(emotion)])
        if group is not None:
            side = image.shape[0]
            pixels = np.repeat(image[:, :, None], 3, axis=2)
            pool[group].append(Patch(pixels, _faded(side), (0, 0, side, side), group))
    return pool


def _faded(side: int) -> FloatArray:
    """Whole in the middle, nothing at the edge."""
    from_edge = np.minimum(np.arange(side), np.arange(side)[::-1]) / (EDGE * side)
    line = from_edge.clip(0, 1).astype(np.float32)
    return np.minimum(line[:, None], line[None, :])


def _children(recipe: SceneRecipe, studio: Studio, fold: int) -> list[list[Patch]]:
    pool: list[list[Patch]] = [[] for _ in GROUPS]
    round_of_fold = list(islice(plan(ROUND, recipe.seed * 1000 + fold, plain=True), ROUND))
    order = np.random.default_rng((recipe.seed, fold)).permutation(ROUND)
    for planned in (round_of_fold[n] for n in order):
        group = GROUP_OF.get(planned.emotion)
        if group is None or len(pool[group]) >= recipe.children_per_group:
            continue
        pixels, square = studio.draw(planned.shot)
        box = (square.left, square.top, square.left + square.side, square.top + square.side)
        pool[group].append(Patch(pixels, np.ones(pixels.shape[:2], np.float32), box, group))
    return pool


def _scene(
    recipe: SceneRecipe, patches: Sequence[Patch], rng: np.random.Generator, origin: str
) -> LabelledPicture:
    scene = _background(recipe.side_px, rng)
    boxes: list[tuple[float, ...]] = []
    groups: list[int] = []
    taken: list[tuple[int, int, int, int]] = []
    for patch in patches:
        placed = _placed(patch, recipe, taken, rng)
        if placed is None:
            continue
        _put(scene, patch, placed)
        taken.append(placed)
        boxes.append(_box_in(placed, patch))
        groups.append(patch.group)
    noisy = scene + rng.normal(0, 2, scene.shape)
    return LabelledPicture(
        np.clip(noisy, 0, 255).astype(np.uint8),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(groups, np.int64),
        origin,
    )


def _placed(
    patch: Patch,
    recipe: SceneRecipe,
    taken: Sequence[tuple[int, int, int, int]],
    rng: np.random.Generator,
) -> tuple[int, int, int, int] | None:
    """Where a patch is free of the others; None if nowhere."""
    for _ in range(TRIES):
        share = float(rng.uniform(recipe.smallest_face, recipe.largest_face))
        factor = share * recipe.side_px / (patch.box[2] - patch.box[0])
        high, wide = (round(factor * edge) for edge in patch.pixels.shape[:2])
        if max(high, wide) > recipe.side_px:
            continue
        left = int(rng.integers(recipe.side_px - wide + 1))
        top = int(rng.integers(recipe.side_px - high + 1))
        area = (left, top, left + wide, top + high)
        if not any(_overlap(area, other) for other in taken):
            return area
    return None


def _box_in(area: tuple[int, int, int, int], patch: Patch) -> tuple[float, ...]:
    """The face's box, once its patch fills an area."""
    left, top, right, bottom = area
    across = (right - left) / patch.pixels.shape[1]
    down = (bottom - top) / patch.pixels.shape[0]
    face = patch.box
    return (
        left + across * face[0],
        top + down * face[1],
        left + across * face[2],
        top + down * face[3],
    )


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _put(scene: FloatArray, patch: Patch, area: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = area
    size = (right - left, bottom - top)
    pixels = cv2.resize(patch.pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    shown = cv2.resize(patch.shown, size)[:, :, None]
    under = scene[top:bottom, left:right]
    scene[top:bottom, left:right] = shown * pixels + (1 - shown) * under


def _background(side: int, rng: np.random.Generator) -> FloatArray:
    """A colour that goes over to another one, from one side to the other."""
    first, second = rng.uniform(20, 235, (2, 3))
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    along = (x * np.cos(angle) + y * np.sin(angle) + 0.71) / 1.42
    mixed: FloatArray = (first + along[:, :, None] * (second - first)).astype(np.float32)
    return mixed
