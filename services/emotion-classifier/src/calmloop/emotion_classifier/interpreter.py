"""What a runtime is: the seam at which another one is put in its place."""

from pathlib import Path
from typing import Any, ClassVar, Protocol

from calmloop.base.backends import Backend


class Interpreter(Protocol):
    """The part of TFLite's interpreter that all runtimes have in common."""

    def allocate_tensors(self) -> None:
        """Makes room for the tensors; before anything else."""

    def get_input_details(self) -> list[dict[str, Any]]:
        """Of each input: index, shape, dtype and quantization, among others."""

    def get_output_details(self) -> list[dict[str, Any]]:
        """The same of each output."""

    def set_tensor(self, tensor_index: int, value: Any) -> None:
        """Sets an input, an array of its shape and dtype."""

    def reset_all_variables(self) -> None:
        """Forgets what a network with a memory keeps from one run to the next."""

    def invoke(self) -> None:
        """Runs the network on the inputs that are set."""

    def get_tensor(self, tensor_index: int) -> Any:
        """A copy of an output."""


class RuntimeBackend(Backend):
    """Settings of one runtime, base of those in the files of `backends/`.

    Attributes:
        remedy: What to install where it is missing.
    """

    remedy: ClassVar[str]

    def open(self, model: Path) -> Interpreter:
        """An interpreter of a model, on one thread.

        Raises:
            ImportError: the runtime is not installed.
            ValueError: the file is no network that it can run; RuntimeError likewise.
        """
        raise NotImplementedError
