"""An int8 TFLite network on one thread, run by one of the runtimes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier.card import InputSpec, ModelCard, OutputSpec, read_card
from calmloop.emotion_classifier.classification import Gray, Logits
from calmloop.emotion_classifier.interpreter import Interpreter, RuntimeBackend
from calmloop.emotion_classifier.scaling import scaled

SAME_SCALE = 1e-4
"""Relative difference of two scales that only rounding in the card makes."""


class TfliteClassifier:
    """One network with the card that it was checked against."""

    def __init__(self, model: Path, runtimes: Sequence[RuntimeBackend]) -> None:
        """Loads `model` and the card beside it, by the first of the runtimes that is installed.

        Raises:
            ConfigurationError: no such runtime is installed, the file is no network, or card and
                network differ.
        """
        self._card = card = read_card(model)
        self._interpreter = load_interpreter(model, runtimes)
        self._source = _only(self._interpreter.get_input_details(), model)
        self._sink = _only(self._interpreter.get_output_details(), model)
        side = card.input.size
        _check(model, "input", self._source, (1, side, side, 1), card.input)
        _check(model, "output", self._sink, (1, len(EMOTIONS)), card.output)
        self._quantised = _quantised_pixels(card)
        self.name = f"{card.name} {card.version}"
        self.calibration = card.calibration

    def logits(self, crop: Gray) -> Logits:
        """See `Classifier.logits`."""
        pixels = self._quantised[scaled(crop, self._card.input.size)]
        self._interpreter.set_tensor(self._source["index"], pixels[None, :, :, None])
        self._interpreter.invoke()
        raw = self._interpreter.get_tensor(self._sink["index"])[0].astype(np.float32)
        output = self._card.output
        return np.asarray((raw - output.zero_point) * output.scale, np.float32)


def load_interpreter(model: Path, runtimes: Sequence[RuntimeBackend]) -> Interpreter:
    """An interpreter of a file, ready to run, of the first of the runtimes that is installed.

    Raises:
        ConfigurationError: no such runtime is installed, or it cannot run the file.
    """
    for runtime in runtimes:
        try:
            interpreter = runtime.open(model)
            interpreter.allocate_tensors()
        except ImportError:
            continue
        except (ValueError, RuntimeError) as error:
            raise ConfigurationError(
                f"{model}: {runtime.backend} cannot load it: {error}"
            ) from error
        return interpreter
    names = " and ".join(runtime.backend for runtime in runtimes)
    remedies = ", or ".join(runtime.remedy for runtime in runtimes)
    raise ConfigurationError(
        f"emotion_classifier.runtime: {names} not installed: install {remedies}"
    )


def _only(details: list[dict[str, Any]], model: Path) -> dict[str, Any]:
    if len(details) != 1:
        raise ConfigurationError(f"{model}: has {len(details)} inputs or outputs: one is needed")
    return details[0]


def _check(
    model: Path,
    what: str,
    tensor: dict[str, Any],
    shape: tuple[int, ...],
    card: InputSpec | OutputSpec,
) -> None:
    scale, zero_point = tensor["quantization"]
    have = (tuple(int(n) for n in tensor["shape"]), np.dtype(tensor["dtype"]).name, int(zero_point))
    need = (shape, card.dtype, card.zero_point)
    if have != need or abs(scale - card.scale) > SAME_SCALE * card.scale:
        raise ConfigurationError(
            f"{model}: {what} has shape, type, zero point and scale {(*have, float(scale))}, its"
            f" card says {(*need, card.scale)}: export the model again, with its card"
        )


def _quantised_pixels(card: ModelCard) -> NDArray[np.int8]:
    """The int8 input of each of the 256 gray levels."""
    real = np.arange(256) * card.input.pixel_scale + card.input.pixel_offset
    nearest = np.rint(real / card.input.scale) + card.input.zero_point
    return np.asarray(np.clip(nearest, -128, 127), np.int8)
