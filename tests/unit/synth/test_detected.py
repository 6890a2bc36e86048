"""The services' own detector finds synthetic faces that look ahead, light and dark."""

from pathlib import Path

import cv2
import numpy as np

from calmloop.annotate.choice import detector_with
from calmloop.face_detector import load_detector
from calmloop.synth.expressions import CRYING, varied
from calmloop.synth.mesh import Mesh
from calmloop.synth.person import Ancestry, Person, Sex
from calmloop.synth.plan import looks_of
from calmloop.synth.scene import Shot, Studio

SIDE = 128


def test_frontal_faces_of_each_ancestry_light_and_dark_are_found_where_they_are(
    mesh: Mesh, shared_dir: Path
) -> None:
    yunet = shared_dir / "data" / "models" / "yunet_n_320_320.onnx"
    detector, studio = load_detector(detector_with(yunet)), Studio(mesh, SIDE)
    for ancestry, skin_tone in zip(Ancestry, (10, 5, 1), strict=True):
        rng = np.random.default_rng(skin_tone)
        person = Person(ancestry, Sex.FEMALE, 5.0, seed=skin_tone)
        shot = Shot(person, looks_of(skin_tone, rng), varied(CRYING, rng), seed=skin_tone)
        picture, square = studio.draw(shot)
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
        (found,) = detector.detect(gray, SIDE / 4, SIDE)
        assert found.sure
        assert abs(found.square.x - square.left - square.side / 2) < 0.1 * square.side
        assert 0.7 < found.square.side / square.side < 1.2
