"""The TFLite runtimes that are installed here, and how long each takes for one face."""

# ruff: noqa: PLC0415 - a runtime is imported only when it is asked for
import time
from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

LATENCY_RUNS = 300
WARM_UP_RUNS = 20


class RuntimePackage(StrEnum):
    """What can run a ``.tflite`` file; the value is the package that is imported."""

    LITERT = "ai_edge_litert"
    TFLITE_RUNTIME = "tflite_runtime"
    TENSORFLOW = "tensorflow"


class Int8Interpreter(Protocol):
    """The part of a TFLite interpreter that is used here; the same in every runtime."""

    def allocate_tensors(self) -> None:
        """Get ready."""

    def get_input_details(self) -> list[dict[str, Any]]:
        """Name, shape, dtype and quantisation of each input."""

    def get_output_details(self) -> list[dict[str, Any]]:
        """The same of each output."""

    def set_tensor(self, index: int, value: npt.NDArray[Any]) -> None:
        """Hand over an input."""

    def get_tensor(self, index: int) -> npt.NDArray[Any]:
        """A copy of an output."""

    def invoke(self) -> None:
        """Compute."""


def installed() -> list[RuntimePackage]:
    """The runtimes that this environment has, LiteRT first."""
    return [runtime for runtime in RuntimePackage if find_spec(runtime.value) is not None]


def open_interpreter(
    model: Path, runtime: RuntimePackage = RuntimePackage.LITERT
) -> Int8Interpreter:
    """An interpreter with one thread, ready to run.

    Raises:
        ImportError: without the runtime.
    """
    interpreter = _class_of(runtime)(model_path=str(model), num_threads=1)
    interpreter.allocate_tensors()
    return cast(Int8Interpreter, interpreter)


def latency_ms(model: Path, runtime: RuntimePackage, runs: int = LATENCY_RUNS) -> float:
    """Median time of one face in ms on one thread of this machine, input and output included."""
    interpreter = open_interpreter(model, runtime)
    (source,), (sink,) = interpreter.get_input_details(), interpreter.get_output_details()
    picture = np.zeros(source["shape"], source["dtype"])
    times_ns = []
    for _ in range(WARM_UP_RUNS + runs):
        started_ns = time.perf_counter_ns()
        interpreter.set_tensor(source["index"], picture)
        interpreter.invoke()
        interpreter.get_tensor(sink["index"])
        times_ns.append(time.perf_counter_ns() - started_ns)
    return float(np.median(times_ns[WARM_UP_RUNS:])) / 1e6


def _class_of(runtime: RuntimePackage) -> Callable[..., Any]:
    if runtime is RuntimePackage.LITERT:
        from ai_edge_litert.interpreter import Interpreter as LiteRT

        return cast(Callable[..., Any], LiteRT)
    if runtime is RuntimePackage.TFLITE_RUNTIME:
        from tflite_runtime.interpreter import Interpreter as TFLiteRuntime

        return cast(Callable[..., Any], TFLiteRuntime)
    import tensorflow as tf

    return cast(Callable[..., Any], tf.lite.Interpreter)
