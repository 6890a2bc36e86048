"""LiteRT, the maintained successor of tflite-runtime."""

from importlib import import_module
from pathlib import Path

from calmloop.emotion_classifier.interpreter import Interpreter, RuntimeBackend


class LiteRt(RuntimeBackend):
    """It has no settings of its own."""

    backend = "litert"
    auto_rank = 1
    remedy = "ai-edge-litert"

    def open(self, model: Path) -> Interpreter:
        """See `RuntimeBackend.open`."""
        runtime = import_module("ai_edge_litert.interpreter")
        interpreter: Interpreter = runtime.Interpreter(model_path=str(model), num_threads=1)
        return interpreter
