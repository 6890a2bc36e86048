"""A temporal network as a float32 TFLite file on one thread: a face's last seconds in, groups out.

Inside, its weights may be int8.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier.interpreter import RuntimeBackend
from calmloop.emotion_classifier.over_time import TemporalFaultError
from calmloop.emotion_classifier.temporal_card import (
    TEMPORAL_FEATURES,
    TEMPORAL_LABELS,
    read_temporal_card,
)
from calmloop.emotion_classifier.tflite import load_interpreter

Floats = NDArray[np.float32]


class TemporalTflite:
    """One network with the card that it was checked against.

    Attributes:
        name: And version, as its card has them.
        frames: The longest window that it takes.
        window_s: How far back a window goes.
    """

    def __init__(self, model: Path, frame_model: Path, runtimes: Sequence[RuntimeBackend]) -> None:
        """Loads `model` and the card beside it, by the first of the runtimes that is installed.

        Raises:
            ConfigurationError: no such runtime is installed, the file is no network, it differs
                from its card, fails, or weighs the answers of another network than `frame_model`.
        """
        card = read_temporal_card(model, frame_model)
        self.name = f"{card.name} {card.version}"
        self.frames, self.window_s = card.frames, card.window_s
        self._interpreter = load_interpreter(model, runtimes)
        sources = self._interpreter.get_input_details()
        sinks = self._interpreter.get_output_details()
        shape = (1, self.frames, len(TEMPORAL_FEATURES))
        self._values = _found(model, sources, "float32", shape)
        self._length = _found(model, sources, "int32", (1,))
        self._sink = _found(model, sinks, "float32", (1, len(TEMPORAL_LABELS)))
        try:
            self.likely(np.zeros((1, len(EMOTIONS)), np.float32), np.zeros(1, np.float32))
        except TemporalFaultError as error:
            raise ConfigurationError(f"{model}: {error}: export it anew") from error

    def logits(self, answers: Floats, ago_s: Floats) -> Floats:
        """Of the three groups, not normalised, (3,).

        Args:
            answers: The frame network's logits of each frame of a window, oldest first, (n, 7)
                with n from 1 to `frames`.
            ago_s: How long before the newest frame each was taken, (n,).

        Raises:
            TemporalFaultError: the runtime fails, or what comes out is no number.
        """
        values = np.zeros((1, self.frames, len(TEMPORAL_FEATURES)), np.float32)
        count = len(answers)
        values[0, :count, :-1], values[0, :count, -1] = answers, ago_s
        try:
            self._interpreter.reset_all_variables()  # it begins each window as in training: at 0
            self._interpreter.set_tensor(self._values, values)
            self._interpreter.set_tensor(self._length, np.array([count], np.int32))
            self._interpreter.invoke()
            raw = np.asarray(self._interpreter.get_tensor(self._sink)[0], np.float32)
        except (ValueError, RuntimeError) as error:
            raise TemporalFaultError(f"the temporal network fails: {error}") from error
        if not np.isfinite(raw).all():
            raise TemporalFaultError(
                f"the temporal network says {raw.tolist()}, which is no answer"
            )
        return raw

    def likely(self, answers: Floats, ago_s: Floats) -> NDArray[np.float64]:
        """Probability of each group, (3,), in the order of `TEMPORAL_LABELS`: see `logits`."""
        raw = self.logits(answers, ago_s).astype(np.float64)
        powers = np.exp(raw - raw.max())
        return np.asarray(powers / powers.sum())


def _found(
    model: Path, tensors: Sequence[dict[str, Any]], dtype: str, shape: tuple[int, ...]
) -> int:
    have = [(tuple(int(n) for n in one["shape"]), np.dtype(one["dtype"]).name) for one in tensors]
    if (shape, dtype) not in have:
        raise ConfigurationError(
            f"{model}: has {have}, {(shape, dtype)} is needed: export it anew, with its card"
        )
    return int(tensors[have.index((shape, dtype))]["index"])
