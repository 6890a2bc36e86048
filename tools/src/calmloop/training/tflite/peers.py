"""Networks of other packages, read where they are installed and fed as their owners feed them.

A peer's file is never copied: it stays in the environment that it was installed in.
"""

from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.base.errors import CalmloopError
from calmloop.training.tflite.runtimes import open_interpreter

BENCH_ENVIRONMENT = ".venv-bench"
_FER_FILE = "fer/data/emotion_model_quantized.tflite"


class Peer(StrEnum):
    """A package that reads emotions and is worth a comparison."""

    FER = "fer"


class PeerError(CalmloopError):
    """A peer is not installed where it is looked for, or its network is not the one known."""


class FerNetwork:
    """The quantised network of ``fer`` 25: input (1, 64, 64, 1) float32, output 7 probabilities.

    Its classes are FER-2013's in the data set's own order, as ours are (``fer.FER._get_labels``).
    """

    def __init__(self, model: Path) -> None:
        self.path = model
        self._interpreter = open_interpreter(model)
        (self._source,) = self._interpreter.get_input_details()
        (self._sink,) = self._interpreter.get_output_details()
        shapes = tuple(self._source["shape"]), tuple(self._sink["shape"])
        if shapes != ((1, 64, 64, 1), (1, 7)) or self._source["dtype"] is not np.float32:
            raise PeerError(
                f"{model} has shapes {shapes} and {self._source['dtype']}; (1, 64, 64, 1) float32 "
                "and (1, 7) are expected: install fer 25"
            )

    def logits(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Logarithms of its probabilities (N, 7) for faces (N, side, side) uint8, one by one."""
        return np.concatenate([self._one(image) for image in images])

    def _one(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        face = cv2.resize(image, (64, 64)).astype(np.float32)
        real = (face / np.float32(255) - np.float32(0.5)) * np.float32(2)
        self._interpreter.set_tensor(self._source["index"], real[None, ..., None])
        self._interpreter.invoke()
        probabilities = self._interpreter.get_tensor(self._sink["index"])
        return np.asarray(np.log(np.maximum(probabilities, 1e-9)), np.float32)


def find_peer(peer: Peer, environment: Path) -> Path:
    """The peer's ``.tflite`` file in a virtual environment.

    Raises:
        PeerError: with the command that installs it when it is not there.
    """
    found = sorted(environment.glob(f"lib/python*/site-packages/{_FER_FILE}"))
    if not found:
        raise PeerError(
            f"{environment} holds no {_FER_FILE}; `make bench` installs {peer.value} in "
            f"{BENCH_ENVIRONMENT}, or name another environment with --peer-environment"
        )
    return found[-1]
