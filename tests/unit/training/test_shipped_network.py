"""The weights in the repository, read by the code that made them."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.emotion_classifier.card import read_card
from calmloop.training.data.faces import Faces, Usage
from calmloop.training.data.pixels import to_real
from calmloop.training.data.readers import load_faces
from calmloop.training.measure import calling, metrics
from calmloop.training.measure.candidate import limits_of
from calmloop.training.tflite.network import Int8Network, operators

REPOSITORY = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("CALMLOOP_SHARED_DIR", REPOSITORY.parent / "shared"))
MODEL = (
    REPOSITORY / "services/emotion-classifier/src/calmloop/emotion_classifier/models/calm.tflite"
)


@pytest.fixture(scope="module")
def network() -> Int8Network:
    return Int8Network(MODEL)


@pytest.fixture(scope="module")
def test_faces() -> Faces:
    folder = SHARED / "data" / "fer2013"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return load_faces(folder).part(Usage.PUBLIC_TEST)


def test_card_and_weights_belong_together(network: Int8Network) -> None:
    card = read_card(MODEL)
    assert card.input.scale == pytest.approx(network.input.scale)
    assert card.input.zero_point == network.input.zero_point
    assert card.output.scale == pytest.approx(network.output.scale)
    assert card.output.zero_point == network.output.zero_point
    assert operators(MODEL) == card.operators
    assert MODEL.stat().st_size <= 1_500_000


def test_a_pixel_enters_the_network_without_rounding(network: Int8Network) -> None:
    levels = np.arange(256, dtype=np.uint8)[None]
    assert np.array_equal(
        network.input.to_int8(to_real(levels)).ravel(), np.arange(-128, 128, dtype=np.int8)
    )


def test_it_reads_public_test_as_well_as_its_card_says(
    network: Int8Network, test_faces: Faces
) -> None:
    card = read_card(MODEL)
    logits, truth = network.logits(test_faces.images), test_faces.emotion
    stated = card.metrics["PublicTest"]
    of_7 = metrics.accuracy(logits, truth)
    of_3 = metrics.group_accuracy(logits, truth, card.temperature)
    # Runtimes round an int8 convolution differently by one step now and then.
    assert of_7 == pytest.approx(stated["accuracy_7"], abs=0.005)
    assert of_3 == pytest.approx(stated["accuracy_3"], abs=0.005)
    assert of_7 >= 0.68
    assert metrics.calibration_error(logits, truth, card.temperature) <= 0.03
    said = calling.operate(logits, truth, card.temperature, limits_of(card))
    assert said.positive_wrong <= 0.05


def test_a_face_and_its_mirror_image_are_read_alike(
    network: Int8Network, test_faces: Faces
) -> None:
    faces = test_faces.images[:200]
    mirrored = np.ascontiguousarray(faces[:, :, ::-1])
    assert np.array_equal(network.logits(faces), network.logits(mirrored))


@pytest.mark.slow
def test_a_slightly_wrong_crop_costs_little(network: Int8Network, test_faces: Faces) -> None:
    straight = metrics.accuracy(network.logits(test_faces.images), test_faces.emotion)
    for scale, shift_px in ((0.9, 0.0), (1.1, 0.0), (1.0, 3.0)):
        matrix = cv2.getRotationMatrix2D((23.5, 23.5), 0, scale)
        matrix[:, 2] = matrix[:, 2] + shift_px
        moved = np.empty_like(test_faces.images)
        for n, face in enumerate(test_faces.images):
            cv2.warpAffine(face, matrix, (48, 48), moved[n], borderMode=cv2.BORDER_REPLICATE)
        moved_accuracy = metrics.accuracy(network.logits(moved), test_faces.emotion)
        assert moved_accuracy > straight - 0.05, (scale, shift_px)
