"""Trains the recurrent network on windows; goes on where it was killed."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.errors import InputError
from calmloop.papers.fitting import fit
from calmloop.papers.runs import Metrics, read_checkpoint
from calmloop.papers.temporal.compose import ComposedStream, StreamRecipe, compose_streams
from calmloop.papers.temporal.features import AnsweredFaces
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.windows import (
    WINDOW_S,
    Window,
    Windows,
    key_frames,
    padded,
    windows_of,
)
from calmloop.training.data.faces import FloatArray, IntArray

ENDS = 6
"""Windows of a stream to learn from."""
AT_ONCE = 4096
WINDOWS_DRAWN = 7
"""Beside the seed: which windows of a stream are drawn, apart from what is in it."""


class TemporalRecipe(BaseModel):
    """How it is trained; rate, its halving, batch and dropout are the paper's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    streams: StreamRecipe = StreamRecipe()
    stream_count: Annotated[int, Field(ge=1)] = 2000
    face_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Of the faces that streams are made of."""
    moved: bool = True
    """Whether faces come turned, scaled and shifted too."""
    key_frames_from: Annotated[float, Field(gt=0, le=255)] | None = None
    """Frame difference of a key frame in gray levels; None looks at all frames."""
    window_s: Annotated[float, Field(ge=0, le=60)] = WINDOW_S
    attends: bool = True
    hidden: Annotated[int, Field(ge=1, le=1024)] = 32
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    rate: Annotated[float, Field(gt=0)] = 0.001
    halved_every: Annotated[int, Field(ge=1)] = 10
    batch_size: Annotated[int, Field(ge=2)] = 32
    epochs: Annotated[int, Field(ge=1)] = 10
    seed: Annotated[int, Field(ge=0)] = 1


def recipe_windows(
    recipe: TemporalRecipe, stream: ComposedStream, known: AnsweredFaces, ends: Iterable[int]
) -> list[Window]:
    """The windows of a stream that a recipe's network gets."""
    threshold, chosen = recipe.key_frames_from, None
    if threshold is not None:
        chosen = key_frames(stream, known.faces.images, threshold)
    return windows_of(stream, known.logits, ends, chosen, recipe.window_s)


def to_learn_from(recipe: TemporalRecipe, both: AnsweredFaces) -> AnsweredFaces:
    """A recipe's part of faces that `with_moved` gave: a seeded share, the moved ones if asked."""
    count = len(both.faces) // 2
    drawn = np.random.default_rng(recipe.seed).permutation(count)
    kept = np.sort(drawn[: max(1, round(recipe.face_share * count))])
    return both.where(np.concatenate([kept, kept + count]) if recipe.moved else kept)


def training_windows(recipe: TemporalRecipe, known: AnsweredFaces) -> Windows:
    """Windows that end anywhere in streams of these faces.

    Raises:
        InputError: no face shows one of the groups.
    """
    rng = np.random.default_rng((recipe.seed, WINDOWS_DRAWN))
    windows: list[Window] = []
    for stream in compose_streams(known.faces, recipe.stream_count, recipe.streams, recipe.seed):
        ends = rng.choice(len(stream.at_s), min(ENDS, len(stream.at_s)), replace=False)
        windows += recipe_windows(recipe, stream, known, ends.tolist())
    return padded(windows)


def train_temporal(
    recipe: TemporalRecipe,
    windows: Windows,
    out: Path,
    told: Callable[[int, Metrics], None],
    start: AttendingLstm | None = None,
) -> AttendingLstm:
    """The network after all epochs; those that are done in a folder are not done again.

    It goes on from another network's weights where one is given, which changes.

    Raises:
        InputError: the folder holds a run of another recipe, or on other windows.
    """
    torch.manual_seed(recipe.seed)
    network = start or AttendingLstm(recipe.hidden, recipe.dropout, attends=recipe.attends)
    *inputs, group = _tensors(windows)
    fit(network, recipe, (inputs, group), (out, _digest(windows)), told)
    return network


def trained(recipe: TemporalRecipe, out: Path) -> AttendingLstm:
    """The network of a folder in which all epochs are done.

    Raises:
        InputError: no epoch has ended there, not all have, or it is of another recipe.
    """
    saved = read_checkpoint(out)
    done = len(saved["history"])
    if saved["recipe"] != recipe.model_dump_json() or done < recipe.epochs:
        raise InputError(
            f"{out} holds {done} epochs of {recipe.epochs}, or another recipe's: run the study to"
            " its end"
        )
    network = AttendingLstm(recipe.hidden, recipe.dropout, attends=recipe.attends)
    network.load_state_dict(saved["parts"]["network"])
    network.eval()
    return network


def attend(network: AttendingLstm, windows: Windows) -> tuple[IntArray, FloatArray]:
    """What the network says of windows, (N,), and its attention, (N, T)."""
    said, weights = [], []
    values, length, _ = _tensors(windows)
    with torch.no_grad():
        for rows in torch.arange(len(length)).split(AT_ONCE):
            logits, attention = network(values[rows], length[rows])
            said.append(logits.argmax(dim=1).numpy())
            weights.append(attention.numpy())
    return np.concatenate(said), np.concatenate(weights)


def _tensors(windows: Windows) -> tuple[Any, Any, Any]:
    return tuple(map(torch.from_numpy, (windows.values, windows.length, windows.group)))


def _digest(windows: Windows) -> str:
    told = hashlib.sha256(windows.values.astype("<f4").tobytes())
    told.update(windows.group.astype("<i8").tobytes())
    return told.hexdigest()
