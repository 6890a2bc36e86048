"""What speaks for what the frame network says."""

from pathlib import Path

import numpy as np
import pytest

from calmloop.base.errors import InputError
from calmloop.emotion_classifier import EmotionClassifierSection, load_classifier
from calmloop.emotion_classifier.settings import SHIPPED_MODEL
from calmloop.papers.temporal.commands import grad_cam
from calmloop.papers.temporal.grad_cam import FrameMaps
from tests.papers.drawn_faces import drawn_faces
from tests.temporal_network import drawn_weights, write_network


def test_the_parts_of_a_face_add_up_to_its_logits() -> None:
    maps, classifier = FrameMaps(SHIPPED_MODEL), load_classifier(EmotionClassifierSection())
    for image in drawn_faces(21, 2).images:
        added = maps.of(image).sum(axis=(1, 2)) + maps.bias
        np.testing.assert_allclose(added, classifier.logits(image), atol=0.2)


def test_a_mirrored_face_has_a_mirrored_map() -> None:
    maps = FrameMaps(SHIPPED_MODEL)
    image = drawn_faces(4, 2).images[3]
    mirrored = np.ascontiguousarray(image[:, ::-1])
    np.testing.assert_allclose(maps.of(mirrored)[:, :, ::-1], maps.of(image), atol=1e-5)
    assert maps.of(image).std() > 0.01


def test_a_network_that_ends_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not end with a mean and a dense layer"):
        FrameMaps(write_network(tmp_path / "t.tflite", drawn_weights(1)))


def test_the_command_draws_and_tells_how_far_each_covering_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = drawn_faces(280, 4)
    np.savez(
        tmp_path / "fer2013.npz", images=faces.images, emotion=faces.emotion, usage=faces.usage
    )
    out = tmp_path / "cam.png"
    grad_cam(tmp_path, out, faces=8, seed=1)
    assert out.read_bytes().startswith(b"\x89PNG")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" part")[0] for line in lines] == [
        "covering the hottest",
        "covering the middle",
        "covering any",
    ]
