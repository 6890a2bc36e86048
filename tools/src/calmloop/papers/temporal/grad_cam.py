"""Grad-CAM of the frame network: which part of a face speaks for what it says (Selvaraju, 2017).

Behind its last feature map the network has only a mean and one dense layer, so that the gradient of
a logit by that map is the layer's kernel, the same everywhere (as Zhou et al., 2016): the shipped
int8 file itself is looked into, and no copy of it is needed that can be differentiated.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from matplotlib.figure import Figure

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier import EmotionClassifierSection, load_classifier
from calmloop.simulate.intervals import Measured, mean
from calmloop.training.data.faces import FACE_SIDE_PX, Faces, FloatArray, UInt8Array

COLUMNS = len(EMOTIONS)
ROWS = 3


class FrameMaps:
    """The network with a view of its last feature map."""

    def __init__(self, model: Path) -> None:
        """Opens the network of emotion-classifier, or one that ends as it does.

        Raises:
            InputError: it does not look at face and mirror image, or ends otherwise.
        """
        self._interpreter: Any = Interpreter(
            model_path=str(model),
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._interpreter.allocate_tensors()
        self._details = {one["index"]: one for one in self._interpreter.get_tensor_details()}
        operators = self._interpreter._get_ops_details()
        names = [one["op_name"] for one in operators]
        dense = names.index("FULLY_CONNECTED") if "FULLY_CONNECTED" in names else 0
        if names[dense - 1 : dense] != ["MEAN"]:
            raise InputError(
                f"{model} does not end with a mean and a dense layer: it cannot be seen"
            )
        self._map = operators[dense - 1]["inputs"][0]
        if self._details[self._map]["shape"][0] != 2:
            raise InputError(f"{model} does not look at mirror images: name another")
        self._kernel = self._real(operators[dense]["inputs"][1])
        self.bias = self._real(operators[dense]["inputs"][2])
        (self._source,) = self._interpreter.get_input_details()

    def of(self, image: UInt8Array) -> FloatArray:
        """What each part of a face adds to each logit, (7, n, n): with the bias they sum to it.

        Args:
            image: (48, 48) uint8.
        """
        scale, zero = self._source["quantization"]
        pixels = np.rint((image / 128.0 - 1.0) / scale) + zero
        picture = np.clip(pixels, -128, 127).astype(np.int8)[None, :, :, None]
        self._interpreter.set_tensor(self._source["index"], picture)
        self._interpreter.invoke()
        face, mirrored = self._real(self._map)
        seen = (face + mirrored[:, ::-1]) / 2
        parts = seen.shape[0] * seen.shape[1]
        return np.asarray(np.einsum("yxc,kc->kyx", seen, self._kernel) / parts, np.float32)

    def _real(self, place: int) -> FloatArray:
        values = self._interpreter.get_tensor(place)
        how = self._details[place]["quantization_parameters"]
        shape = [1] * values.ndim
        shape[how["quantized_dimension"]] = -1
        real = (values - how["zero_points"].reshape(shape)) * how["scales"].reshape(shape)
        return np.asarray(real, np.float32)


@dataclass(frozen=True)
class Covering:
    """How far the likeliest emotion's logit falls where a part of the face is made gray.

    Attributes:
        hottest: The part that speaks most for it.
        middle: The part in the middle, whatever Grad-CAM says: there most faces have their nose.
        any_part: A part, all alike.
    """

    hottest: Measured
    middle: Measured
    any_part: Measured


def covering(faces: Faces, maps: FrameMaps) -> Covering:
    """Over faces: whether what Grad-CAM shows is what the network goes by."""
    classifier = load_classifier(EmotionClassifierSection())
    hottest, middle, every = [], [], []
    for image in faces.images:
        logits = classifier.logits(image)
        said = int(logits.argmax())
        part = maps.of(image)[said]
        falls = np.array(
            [float((logits - classifier.logits(one))[said]) for one in _covered(image, len(part))]
        )
        hottest.append(float(falls[part.argmax()]))
        middle.append(float(falls[falls.size // 2]))
        every.append(float(falls.mean()))
    return Covering(mean(hottest), mean(middle), mean(every))


def _covered(image: UInt8Array, parts: int) -> list[UInt8Array]:
    """The face with each of parts² squares gray, row by row."""
    side = FACE_SIDE_PX // parts
    covered = []
    for place in range(parts * parts):
        row, column = divmod(place, parts)
        one = image.copy()
        one[row * side : (row + 1) * side, column * side : (column + 1) * side] = image.mean()
        covered.append(one)
    return covered


def grad_cam_figure(faces: Faces, maps: FrameMaps) -> Figure:
    """The first faces of each emotion, a column each, with what speaks for the likeliest one."""
    figure = Figure(figsize=(1.5 * COLUMNS, 1.8 * ROWS), layout="constrained")
    grid = figure.subplots(ROWS, COLUMNS, squeeze=False)
    for column in range(COLUMNS):
        images = faces.images[faces.emotion == column]
        for row in range(ROWS):
            axes = grid[row, column]
            axes.set_axis_off()
            if row < len(images):
                _draw(axes, images[row], maps)
    return figure


def _draw(axes: Any, image: UInt8Array, maps: FrameMaps) -> None:
    of_each = maps.of(image)
    said = int((of_each.sum(axis=(1, 2)) + maps.bias).argmax())
    edges = (-0.5, FACE_SIDE_PX - 0.5, FACE_SIDE_PX - 0.5, -0.5)
    axes.imshow(image, cmap="gray", vmin=0, vmax=255)
    axes.imshow(
        np.maximum(of_each[said], 0), cmap="inferno", alpha=0.45, extent=edges,
        interpolation="bilinear",
    )  # fmt: skip
    axes.set_title(EMOTIONS[said], fontsize=9)
