"""The recurrent network as a TFLite file of builtin operators, put together here.

The format is written by the schema that the runtime comes with: no converter is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from calmloop.training.data.faces import FloatArray

Array = np.ndarray[Any, np.dtype[Any]]
ABSENT = -1
"""An input that an operator does without."""
NOTHING = -1e9
"""The score of what is behind a window's last frame."""
_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "int32": schema.TensorType.INT32,
    "int8": schema.TensorType.INT8,
    "bool": schema.TensorType.BOOL,
}


@dataclass(frozen=True)
class TemporalWeights:
    """All of the network, with both normalisations folded in; H hidden units, F features.

    Attributes:
        kernel: Of the LSTM's input, (4, H, F): input, forget, cell and output gate.
        recurrent: Of its last output, (4, H, H).
        bias: (4, H).
        project: Of the attention, (H, H).
        project_bias: (H,).
        score: Of the attention, (1, H).
        head: Of the groups, (3, H).
        head_bias: (3,).
    """

    kernel: FloatArray
    recurrent: FloatArray
    bias: FloatArray
    project: FloatArray
    project_bias: FloatArray
    score: FloatArray
    head: FloatArray
    head_bias: FloatArray


def temporal_file(weights: TemporalWeights, frames: int, *, int8: bool = False) -> bytes:
    """The network for windows of at most so many frames, the same bytes each time.

    Its inputs are ``values`` (1, frames, F) float32, anything behind the window's last frame, and
    ``length`` (1,) int32; its output ``logits`` (1, 3) float32. The LSTM's state is a variable of
    the interpreter's, to be reset before each window.

    Args:
        weights: Of the network.
        frames: The longest window.
        int8: Its matrices as int8 with a scale each; activations stay float32.
    """
    graph = _Graph(int8=int8)
    hidden, features = weights.kernel.shape[1:]
    values = graph.tensor("values", (1, frames, features))
    length = graph.tensor("length", (1,), "int32")
    state = (1, frames, hidden)
    out = _lstm(graph, weights, values, frames)
    projected = graph.dense("project", out, state, weights.project, weights.project_bias)
    bent = graph.then("TANH", "bent", state, [projected])
    scored = graph.dense("score", bent, (1, frames, 1), weights.score)
    scores = graph.reshape("scores", scored, (1, frames))
    number = graph.constant("number", np.arange(frames, dtype=np.int32)[None])
    is_frame = graph.then("LESS", "is_frame", (1, frames), [number, length], dtype="bool")
    nothing = graph.constant("nothing", np.full((1, frames), NOTHING, np.float32))
    masked = graph.then("SELECT_V2", "masked", (1, frames), [is_frame, scores, nothing])
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    attention = graph.then("SOFTMAX", "attention", (1, frames), [masked], softmax)
    shares = graph.reshape("shares", attention, (1, frames, 1))
    shared = graph.then("MUL", "shared", state, [out, shares], schema.MulOptionsT())
    over = graph.constant("over", np.array([1], np.int32))
    context = graph.then("SUM", "context", (1, hidden), [shared, over], schema.ReducerOptionsT())
    logits = graph.dense("logits", context, (1, 3), weights.head, weights.head_bias)
    return graph.file([values, length], [logits])


def _lstm(graph: "_Graph", weights: TemporalWeights, values: int, frames: int) -> int:
    hidden = weights.bias.shape[1]
    kernels = [graph.matrix(f"kernel{n}", one) for n, one in enumerate(weights.kernel)]
    recurrent = [graph.matrix(f"recurrent{n}", one) for n, one in enumerate(weights.recurrent)]
    biases = [graph.constant(f"bias{n}", one) for n, one in enumerate(weights.bias)]
    states = [graph.tensor(name, (1, hidden), variable=True) for name in ("output", "cell")]
    options = schema.UnidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction = schema.ActivationFunctionType.TANH
    peepholes, projection, layer_norms = [ABSENT] * 3, [ABSENT] * 2, [ABSENT] * 4
    inputs = [values, *kernels, *recurrent, *peepholes, *biases, *projection, *states, *layer_norms]
    shape = (1, frames, hidden)
    return graph.then("UNIDIRECTIONAL_SEQUENCE_LSTM", "hidden", shape, inputs, options)


class _Graph:
    """Tensors and operators, as they are added."""

    def __init__(self, *, int8: bool) -> None:
        self._int8 = int8
        self._buffers = [schema.BufferT()]  # the first one is of all that has no content
        self._tensors: list[Any] = []
        self._operators: list[Any] = []
        self._codes: list[str] = []

    def tensor(
        self, name: str, shape: Sequence[int], dtype: str = "float32", *, variable: bool = False
    ) -> int:
        """One without content; its place."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), _TYPES[dtype]
        tensor.buffer, tensor.isVariable = 0, variable
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def constant(self, name: str, content: Array) -> int:
        """One with content; its place."""
        place = self.tensor(name, content.shape, content.dtype.name)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(content).tobytes(), np.uint8)
        self._buffers.append(buffer)
        self._tensors[place].buffer = len(self._buffers) - 1
        return place

    def matrix(self, name: str, content: FloatArray) -> int:
        """Weights, as int8 where that is asked for: symmetric, with one scale."""
        if not self._int8:
            return self.constant(name, content)
        scale = float(np.abs(content).max()) / 127 or 1.0
        place = self.constant(name, np.rint(content / scale).astype(np.int8))
        told = schema.QuantizationParametersT()
        told.scale, told.zeroPoint = [scale], [0]
        self._tensors[place].quantization = told
        return place

    def then(
        self,
        operator: str,
        name: str,
        shape: Sequence[int],
        inputs: Sequence[int],
        options: Any = None,
        dtype: str = "float32",
    ) -> int:
        """The output of an operator; its place."""
        place = self.tensor(name, shape, dtype)
        if operator not in self._codes:
            self._codes.append(operator)
        made = schema.OperatorT()
        made.opcodeIndex = self._codes.index(operator)
        made.inputs, made.outputs = list(inputs), [place]
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            made.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            made.builtinOptions = options
        self._operators.append(made)
        return place

    def dense(
        self,
        name: str,
        source: int,
        shape: Sequence[int],
        weights: FloatArray,
        bias: FloatArray | None = None,
    ) -> int:
        """Weights (out, in) times the last axis of a tensor; its place."""
        options = schema.FullyConnectedOptionsT()
        options.keepNumDims = len(shape) > 2
        biased = ABSENT if bias is None else self.constant(f"{name}_bias", bias)
        inputs = [source, self.matrix(f"{name}_weights", weights), biased]
        return self.then("FULLY_CONNECTED", name, shape, inputs, options)

    def reshape(self, name: str, source: int, shape: Sequence[int]) -> int:
        """The same content in another shape; its place."""
        options = schema.ReshapeOptionsT()
        options.newShape = list(shape)
        wanted = self.constant(f"{name}_shape", np.array(shape, np.int32))
        return self.then("RESHAPE", name, shape, [source, wanted], options)

    def file(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """All of it."""
        part = schema.SubGraphT()
        part.tensors, part.operators = self._tensors, self._operators
        part.inputs, part.outputs, part.name = list(inputs), list(outputs), "main"
        model = schema.ModelT()
        model.version, model.description = 3, "calmloop temporal"
        model.operatorCodes = [_code(name) for name in self._codes]
        model.subgraphs, model.buffers = [part], self._buffers
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def _code(name: str) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 1
    return code
