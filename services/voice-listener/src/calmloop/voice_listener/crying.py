"""How much the last second sounds like crying: YAMNet on its log-mel spectrogram.

The file `yamnet_spectra_in.tflite` is not part of Calmloop (Apache 2.0; 521 AudioSet classes).
"""

import importlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from calmloop.base.errors import ConfigurationError
from calmloop.voice_listener.spectrum import BANDS

PATCH = 96
"""Frames that the network looks at: 0.96 s."""
CLASSES = 521
CRYING = (11, 19, 20)
"""Screaming; crying, sobbing; baby cry, infant cry."""
INPUT, OUTPUT = (1, PATCH, BANDS), (1, CLASSES)


class CryNetwork(Protocol):
    """Something that hears crying."""

    name: str

    def score(self, log_mel: NDArray[np.float32]) -> float:
        """From PATCH x BANDS, 0 to 1: not calibrated, larger is more."""


class Yamnet:
    """YAMNet by LiteRT, on one thread."""

    def __init__(self, model: Path) -> None:
        """Loads the file and tries it on silence: another network's file opens as well.

        Raises:
            ConfigurationError: it is not there, damaged, or another network.
        """
        self.name = model.name
        self._interpreter, self._source, self._sink = _opened(model)
        self.score(np.zeros((PATCH, BANDS), np.float32))

    def score(self, log_mel: NDArray[np.float32]) -> float:
        """The largest of the three classes of crying and screaming."""
        self._interpreter.set_tensor(self._source, log_mel[None])
        self._interpreter.invoke()
        scores = self._interpreter.get_tensor(self._sink)[0, CRYING]
        return float(np.clip(np.nan_to_num(scores.max()), 0.0, 1.0))


def _opened(model: Path) -> tuple[Any, int, int]:
    where = f"voice_listener.network.model = '{model}'"
    if not model.is_file():
        raise ConfigurationError(f"{where} is not there: check the path, or leave it out")
    try:
        runtime = importlib.import_module("ai_edge_litert.interpreter")
        # Without XNNPACK: it is faster, and holds the weights a second time.
        plain = runtime.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter = runtime.Interpreter(
            model_path=str(model), num_threads=1, experimental_op_resolver_type=plain
        )
        interpreter.allocate_tensors()
    except ImportError as error:
        raise ConfigurationError(f"{where}: ai-edge-litert is not installed: {error}") from error
    except (ValueError, RuntimeError) as error:
        raise ConfigurationError(
            f"{where} ({model.stat().st_size} bytes) cannot be used: it must be"
            " yamnet_spectra_in.tflite, whole, and no Git LFS pointer"
        ) from error
    sources, sinks = interpreter.get_input_details(), interpreter.get_output_details()
    shapes = [tuple(int(n) for n in tensor["shape"]) for tensor in (*sources, *sinks)]
    if shapes != [INPUT, OUTPUT] or sources[0]["dtype"] is not np.float32:
        raise ConfigurationError(
            f"{where}: takes and gives {shapes}, YAMNet {[INPUT, OUTPUT]}: name"
            " yamnet_spectra_in.tflite, which takes spectrograms"
        )
    return interpreter, sources[0]["index"], sinks[0]["index"]
