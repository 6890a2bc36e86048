"""The trained network without its normalisations and its dropout: the same logits, fewer steps."""

import math
from typing import Any

import numpy as np

from calmloop.base.errors import InputError
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.tflite import TemporalWeights
from calmloop.papers.temporal.train import TemporalRecipe
from calmloop.training.data.faces import FloatArray

GATES = 4


def check_exportable(recipe: TemporalRecipe, name: str) -> None:
    """Refuses what a service could not feed.

    Raises:
        InputError: the network attends to nothing, or looks at key frames alone.
    """
    if not recipe.attends or recipe.key_frames_from is not None:
        raise InputError(
            f"the network '{name}' cannot be exported: one with attention over all frames is"
            " needed; name another by --network"
        )


def longest_window(recipe: TemporalRecipe) -> int:
    """Frames of a window at the fastest camera that it has learned from, and one to spare."""
    return math.ceil(recipe.window_s * recipe.streams.fastest_hz) + 1


def folded(network: AttendingLstm) -> TemporalWeights:
    """Its weights, both normalisations in the layers behind them; it has to attend.

    Attention sums to 1, so that an offset of the hidden states passes through it unchanged.
    """
    factor, offset = _affine(network.norm)
    hidden_factor, hidden_offset = _affine(network.norm_hidden)
    lstm = network.lstm
    kernel, recurrent = _array(lstm.weight_ih_l0), _array(lstm.weight_hh_l0)
    bias = _array(lstm.bias_ih_l0) + _array(lstm.bias_hh_l0) + kernel @ offset
    project, head = _array(network.project.weight), _array(network.head.weight)
    size = recurrent.shape[1]
    return TemporalWeights(
        kernel=_single(kernel * factor).reshape(GATES, size, -1),
        recurrent=_single(recurrent).reshape(GATES, size, size),
        bias=_single(bias).reshape(GATES, size),
        project=_single(project * hidden_factor),
        project_bias=_single(_array(network.project.bias) + project @ hidden_offset),
        score=_single(_array(network.score.weight)),
        head=_single(head * hidden_factor),
        head_bias=_single(_array(network.head.bias) + head @ hidden_offset),
    )


def _affine(norm: Any) -> tuple[Any, Any]:
    """Factor and offset of a batch normalisation in use."""
    factor = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
    return factor, _array(norm.bias) - factor * _array(norm.running_mean)


def _array(tensor: Any) -> Any:
    return tensor.detach().numpy().astype(np.float64)


def _single(values: Any) -> FloatArray:
    return np.asarray(values, np.float32)
