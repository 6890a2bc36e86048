"""Runs an int8 TFLite network over many faces, and lists the operators it needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from calmloop.emotion_classifier import CardError
from calmloop.training.data.pixels import to_real
from calmloop.training.tflite.runtimes import open_interpreter


@dataclass(frozen=True)
class Quantisation:
    """real = (int8 - zero_point) * scale."""

    scale: float
    zero_point: int

    def to_int8(self, real: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
        """Nearest int8 values, clipped to -128 to 127."""
        nearest = np.rint(real / self.scale) + self.zero_point
        values: npt.NDArray[np.int8] = np.clip(nearest, -128, 127).astype(np.int8)
        return values

    def to_real(self, values: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
        """Real values of int8 ones."""
        return ((values.astype(np.int32) - self.zero_point) * np.float32(self.scale)).astype(
            np.float32
        )


class Int8Network:
    """One interpreter with one thread; input (1, side, side, 1) int8, output (1, 7) int8."""

    def __init__(self, model: Path) -> None:
        self._interpreter = open_interpreter(model)
        (source,) = self._interpreter.get_input_details()
        (sink,) = self._interpreter.get_output_details()
        for tensor in (source, sink):
            if tensor["dtype"] is not np.int8:
                raise CardError(f"{model}: {tensor['name']} is {tensor['dtype']}, int8 is expected")
        self.input, self.output = _quantisation(source), _quantisation(sink)
        self.side_px = int(source["shape"][1])
        self._source, self._sink = source["index"], sink["index"]

    def logits(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Logits (N, 7) of faces (N, side, side) uint8, one by one as a service does."""
        pictures = self.input.to_int8(to_real(images))
        return self.output.to_real(np.concatenate([self._invoke(one[None]) for one in pictures]))

    def _invoke(self, picture: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
        self._interpreter.set_tensor(self._source, picture)
        self._interpreter.invoke()
        result: npt.NDArray[np.int8] = self._interpreter.get_tensor(self._sink)
        return result


def operators(model: Path) -> tuple[str, ...]:
    """Sorted names of the operators in a file.

    Raises:
        CardError: for one that is not built in.
    """
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()}
    file = schema.Model.GetRootAsModel(model.read_bytes(), 0)
    codes = [file.OperatorCodes(n) for n in range(file.OperatorCodesLength())]
    found = sorted(names[max(c.BuiltinCode(), c.DeprecatedBuiltinCode())] for c in codes)
    if "CUSTOM" in found:
        raise CardError(f"{model} needs an operator that is not built into TFLite: {found}")
    return tuple(found)


def _quantisation(tensor: dict[str, Any]) -> Quantisation:
    scale, zero_point = tensor["quantization"]
    return Quantisation(float(scale), int(zero_point))
