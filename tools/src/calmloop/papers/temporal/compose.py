"""Streams of labelled faces, as a camera would see a child whose expression changes once.

A child has four faces of each class, each held for half a second to two, as in the streams of
`calmloop simulate`: what the network reads wrongly it reads wrongly for that long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import EMOTIONS, GROUPS, Label
from calmloop.training.data.faces import Faces, FloatArray, IntArray
from calmloop.training.data.labels import GROUP_COLUMNS

LABELS = tuple(GROUPS)
"""A group is its place in here; surprise is in none, and in no stream."""
NO_GROUP = -1
REST_S = 30
"""How long a child is at rest before its stream begins: as long as the engine measures it."""


class StreamRecipe(BaseModel):
    """How streams are made; the same for the same seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: Annotated[float, Field(ge=10, le=600)] = 20.0
    slowest_hz: Annotated[float, Field(ge=1, le=60)] = 5.0
    fastest_hz: Annotated[float, Field(ge=1, le=60)] = 15.0
    own_faces: Annotated[int, Field(ge=1, le=1000)] = 4
    """Of each class, for each child."""
    shortest_held_s: Annotated[float, Field(gt=0, le=60)] = 0.5
    longest_held_s: Annotated[float, Field(gt=0, le=60)] = 2.0


@dataclass(frozen=True)
class ComposedStream:
    """One child, one change.

    Attributes:
        at_s: When each frame was taken, (T,), evenly from 0.
        face: Which of the faces it shows, (T,).
        group: What it is, (T,), places in LABELS.
        change_s: When the group changes.
        rest: The faces that the child shows at rest before, one for each second, (REST_S,).
    """

    at_s: FloatArray
    face: IntArray
    group: IntArray
    change_s: float
    rest: IntArray


def groups_of(faces: Faces) -> IntArray:
    """What each face is, (N,): its place in LABELS, or NO_GROUP."""
    group = np.full(len(EMOTIONS), NO_GROUP)
    for number, label in enumerate(LABELS):
        group[GROUP_COLUMNS[label]] = number
    return np.asarray(group[faces.emotion], np.int64)


def compose_streams(
    faces: Faces, count: int, recipe: StreamRecipe, seed: int
) -> list[ComposedStream]:
    """So many streams; each changes from one group to another in its middle third.

    Raises:
        InputError: no face shows one of the groups.
    """
    by_emotion = [
        [np.flatnonzero(faces.emotion == column) for column in GROUP_COLUMNS[label]]
        for label in LABELS
    ]
    for label, emotions in zip(LABELS, by_emotion, strict=True):
        if not any(map(len, emotions)):
            raise InputError(f"none of {len(faces)} faces is {label}: add some of each group")
    return [
        _stream(by_emotion, recipe, np.random.default_rng((seed, number)))
        for number in range(count)
    ]


def _stream(
    by_emotion: Sequence[Sequence[IntArray]], recipe: StreamRecipe, rng: np.random.Generator
) -> ComposedStream:
    hz = float(rng.uniform(recipe.slowest_hz, recipe.fastest_hz))
    at_s = np.arange(0, recipe.seconds, 1 / hz)
    change_s = float(rng.uniform(recipe.seconds / 3, 2 * recipe.seconds / 3))
    before, after = (int(one) for one in rng.choice(len(LABELS), 2, replace=False))
    group = np.where(at_s < change_s, before, after)
    own = [_own(emotions, recipe.own_faces, rng) for emotions in by_emotion]
    face = np.zeros(len(at_s), np.int64)
    held_until_s, shown, last = 0.0, 0, NO_GROUP
    for frame, (now_s, current) in enumerate(zip(at_s.tolist(), group.tolist(), strict=True)):
        if current != last or now_s >= held_until_s:
            shown, last = int(rng.choice(own[current])), current
            held_until_s = now_s + rng.uniform(recipe.shortest_held_s, recipe.longest_held_s)
        face[frame] = shown
    rest = rng.choice(own[LABELS.index(Label.NEUTRAL)], REST_S)
    return ComposedStream(at_s.astype(np.float32), face, group.astype(np.int64), change_s, rest)


def _own(emotions: Sequence[IntArray], count: int, rng: np.random.Generator) -> IntArray:
    """A child's own faces of a group: of one emotion, drawn as often as there are faces of it."""
    sizes = np.array([len(one) for one in emotions], float)
    pool = emotions[int(rng.choice(len(emotions), p=sizes / sizes.sum()))]
    return np.asarray(rng.choice(pool, min(count, len(pool)), replace=False))
