"""Turns a trained run into a full int8 TFLite file with its card. Needs TensorFlow."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from calmloop.base.errors import CalmloopError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.emotion_classifier import (
    MAX_VERSION_LENGTH,
    NAME_PATTERN,
    FramingSpec,
    InputSpec,
    ModelCard,
    OutputSpec,
    Thresholds,
    digest,
)
from calmloop.training.augment.spoil import spoil
from calmloop.training.augment.spoilings import NO_FACE, Spoiling, spoil_all
from calmloop.training.data.faces import FACE_SIDE_PX, Faces, Usage
from calmloop.training.data.pixels import PIXEL_OFFSET, PIXEL_SCALE, to_real
from calmloop.training.data.readers import load_faces
from calmloop.training.export.card import write_card
from calmloop.training.export.framing import NoFaceFoundError, measure_framing
from calmloop.training.export.provenance import (
    INTENDED_USE,
    LIMITS,
    PROVENANCE,
    VOTES_LICENCE,
    WEIGHTS_LICENCE,
    DataSet,
)
from calmloop.training.learn.checkpoint import (
    FloatArrays,
    load_state,
    load_weights,
    write_variables,
)
from calmloop.training.learn.recipe import Recipe
from calmloop.training.learn.runs import RunFolder
from calmloop.training.measure import calling, choosing, metrics
from calmloop.training.measure.evaluate import measure
from calmloop.training.networks import build_network
from calmloop.training.tflite.int8 import Look, mirrored, once, to_int8
from calmloop.training.tflite.network import Int8Network, operators
from calmloop.training.tflite.runtimes import RuntimePackage, latency_ms

REPRESENTATIVE_FACES = 500
FRAMING_FACES = 400


class ExportError(CalmloopError):
    """The run cannot be exported; the message says what is missing."""


class Split(NamedTuple):
    """Faces for training, for choosing, and for the metrics."""

    training: Faces
    validation: Faces
    test: Faces


@dataclass(frozen=True)
class Release:
    """What a person says about an exported model."""

    name: str = "calm"
    version: str = "0.1.0"
    note: str = ""
    data_set: DataSet = DataSet.OTHER
    is_mirrored: bool = True
    is_last: bool = False
    """The averaged weights of the last epoch, not of the one with the least validation loss."""

    @property
    def look(self) -> Look:
        """How the exported network looks at a face."""
        return mirrored if self.is_mirrored else once


def export(run: Path, data: Path, out: Path, release: Release) -> ModelCard:
    """Write ``out/<name>.tflite`` and its card from the weights of a run folder.

    Class offsets, temperature and limits come from the run's validation split, the metrics from
    PublicTest. What lay there before is replaced once both are whole.

    Raises:
        ExportError: for an unfit name or a folder that holds no finished epoch.
        DataError: for unusable data.
        RecipeError: the run was trained on other faces.
    """
    _check(release)
    folder = RunFolder(run)
    weights = _weights(folder, release)
    recipe = Recipe.load(folder.recipe)
    faces = load_faces(data)
    learned_from = faces.to_train_on()
    folder.check_data(learned_from)
    split = Split(*recipe.split(learned_from), faces.part(Usage.PUBLIC_TEST))
    model = build_network(recipe.network, FACE_SIDE_PX, len(EMOTIONS))
    write_variables(model.weights, weights)
    _balance(model, release.look, split.validation)
    rng = np.random.default_rng(recipe.seed)
    sample = _representative(split.training, recipe, rng)
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out) as unfinished:
        path = Path(unfinished) / f"{release.name}.tflite"
        path.write_bytes(to_int8(model, release.look, sample))
        framing = _framing(_sample(split.training, FRAMING_FACES, rng))
        card = _card(path, release, recipe, folder, model, split, framing)
        for written in (write_card(card, path), path):
            written.replace(out / written.name)
    return card


def _check(release: Release) -> None:
    if not re.fullmatch(NAME_PATTERN, release.name):
        raise ExportError(
            f"the name {release.name!r} is not 1 to 30 small letters, digits and hyphens"
        )
    if not 1 <= len(release.version) <= MAX_VERSION_LENGTH:
        raise ExportError(f"the version {release.version!r} is not 1 to {MAX_VERSION_LENGTH} long")


def _weights(folder: RunFolder, release: Release) -> FloatArrays:
    path = folder.checkpoint if release.is_last else folder.best
    if not path.is_file():
        raise ExportError(f"{folder.path} holds no {path.name}; train at least one epoch there")
    return load_state(path).average if release.is_last else load_weights(path)


def _sample(faces: Faces, count: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    chosen = rng.choice(len(faces), min(count, len(faces)), replace=False)
    return faces.images[chosen]


def _representative(
    faces: Faces, recipe: Recipe, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """What the int8 file's ranges are taken from: what the network was trained on."""
    sample = _sample(faces, REPRESENTATIVE_FACES, rng)
    return spoil(sample, rng, p=recipe.spoil_p, no_face_p=recipe.no_face_p)[0]


def _balance(model: keras.Model, look: Look, validation: Faces) -> None:
    """Fold the classes' offsets, fitted on validation, into the last layer: no cost at run time."""
    bias = model.get_layer("logits").bias
    offsets = metrics.fit_class_bias(_float_logits(model, look, validation), validation.emotion)
    bias.assign(bias.numpy() + offsets)


def _framing(faces: npt.NDArray[np.uint8]) -> FramingSpec:
    try:
        measured = measure_framing(faces)
    except NoFaceFoundError as error:
        return FramingSpec(box_scale=1.0, dx=0.0, dy=0.0, note=f"assumed, not measured: {error}")
    return FramingSpec(
        box_scale=measured.box_scale,
        dx=measured.dx,
        dy=measured.dy,
        note="box_scale: side of the crop / side of the Viola-Jones box; dx, dy: centre of the "
        "crop - centre of the box in box sides, right and down; medians of "
        f"{measured.faces_found} of {measured.faces_tried} training faces, quartiles of "
        f"box_scale {measured.box_scale_quartiles}",
    )


def _card(
    path: Path,
    release: Release,
    recipe: Recipe,
    folder: RunFolder,
    model: keras.Model,
    split: Split,
    framing: FramingSpec,
) -> ModelCard:
    network = Int8Network(path)
    known = PROVENANCE[release.data_set]
    has_votes = split.training.votes is not None and recipe.votes_share > 0
    truth = split.validation.emotion
    logits = network.logits(split.validation.images)
    temperature = metrics.fit_temperature(logits, truth)
    limits = _limits(network, recipe, split.validation, logits, temperature)
    test_logits = network.logits(split.test.images)
    return ModelCard(
        format=1,
        name=release.name,
        version=release.version,
        labels=EMOTIONS,
        input=_input(network),
        output=OutputSpec(kind="logits", dtype="int8", **asdict(network.output)),
        framing=framing,
        temperature=temperature,
        doubt_logit=limits.doubt_logit,
        neutral_prior=limits.neutral_prior,
        thresholds=Thresholds(**limits.thresholds),
        sha256=digest(path),
        operators=operators(path),
        data=_data(known.name, split, has_votes),
        training={
            **_epochs(folder, release),
            "is_mirrored": release.is_mirrored,
            "note": release.note,
            **recipe.summary(),
        },
        metrics={
            "validation": measure(logits, truth, temperature, limits),
            "PublicTest": measure(test_logits, split.test.emotion, temperature, limits),
            "float_agreement_PublicTest": _agreement(model, release.look, split.test, test_logits),
            "bytes": path.stat().st_size,
            "latency_ms": round(latency_ms(path, RuntimePackage.LITERT), 3),
        },
        licence=" ".join((WEIGHTS_LICENCE, known.licence, *([VOTES_LICENCE] * has_votes))),
        intended_use=INTENDED_USE,
        limits=(*known.limits, *LIMITS),
    )


def _limits(
    network: Int8Network,
    recipe: Recipe,
    validation: Faces,
    logits: npt.NDArray[np.float32],
    temperature: float,
) -> calling.Limits:
    """Chosen on validation faces; where doubt was learned, on spoiled ones besides."""
    truth = validation.emotion
    if not recipe.learns_doubt:
        return choosing.choose_limits(logits, truth, temperature)
    rng = np.random.default_rng(recipe.seed)
    pictures, lost = spoil(validation.images, rng, p=0.5, no_face_p=0.25)
    faded = choosing.Faded(network.logits(pictures), lost)
    spoiled = [
        choosing.Shown(network.logits(spoil_all(validation.images, way)), truth, way not in NO_FACE)
        for way in Spoiling
    ]
    clean = choosing.Shown(logits, truth)
    return choosing.choose_doubting_limits(clean, spoiled, faded, temperature)


def _input(network: Int8Network) -> InputSpec:
    return InputSpec(
        size=network.side_px,
        channels=1,
        dtype="int8",
        scale=network.input.scale,
        zero_point=network.input.zero_point,
        pixel_scale=PIXEL_SCALE,
        pixel_offset=PIXEL_OFFSET,
        preprocess="gray, no equalisation, square crop resized with INTER_AREA (down) or "
        "INTER_LINEAR (up); real = pixel * pixel_scale + pixel_offset; "
        "int8 = round(real / scale) + zero_point, clipped to -128..127",
    )


def _data(name: str, split: Split, has_votes: bool) -> dict[str, str | int]:
    return {
        "set": name,
        "targets": "labels and FER+ votes" if has_votes else "labels",
        "training_faces": len(split.training),
        "validation_faces": len(split.validation),
        "test_faces": len(split.test),
        "validation": "taken out of Training, seeded, stratified, equal pictures on one side; "
        "it chose the epoch, the class offsets, the temperature and the limits",
    }


def _epochs(folder: RunFolder, release: Release) -> dict[str, int]:
    """How many epochs were trained, and which one's weights these are, 1 the first."""
    losses = [entry["validation_loss"] for entry in folder.read_history()]
    if not losses:  # merged, not trained
        return {}
    used = len(losses) if release.is_last else 1 + losses.index(min(losses))
    return {"epochs_done": len(losses), "epoch_used": used}


def _agreement(
    model: keras.Model, look: Look, test: Faces, int8_logits: npt.NDArray[np.float32]
) -> dict[str, float]:
    logits = _float_logits(model, look, test)
    same = logits.argmax(axis=1) == int8_logits.argmax(axis=1)
    return {
        "float_accuracy": round(metrics.accuracy(logits, test.emotion), 4),
        "same_label": round(float(same.mean()), 4),
    }


def _float_logits(model: keras.Model, look: Look, faces: Faces) -> npt.NDArray[np.float32]:
    """As the exported network computes them, before quantisation."""
    parts = [to_real(faces.images[n : n + 256]) for n in range(0, len(faces), 256)]
    return np.concatenate([np.asarray(look(model, part)) for part in parts])
