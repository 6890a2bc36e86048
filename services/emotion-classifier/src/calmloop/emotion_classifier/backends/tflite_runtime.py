"""The older tflite-runtime, for Python 3.11."""

from importlib import import_module
from pathlib import Path

from calmloop.emotion_classifier.interpreter import Interpreter, RuntimeBackend


class TfliteRuntime(RuntimeBackend):
    """It has no settings of its own."""

    backend = "tflite-runtime"
    auto_rank = 2
    remedy = "tflite-runtime on Python 3.11"

    def open(self, model: Path) -> Interpreter:
        """See `RuntimeBackend.open`."""
        runtime = import_module("tflite_runtime.interpreter")
        interpreter: Interpreter = runtime.Interpreter(model_path=str(model), num_threads=1)
        return interpreter
