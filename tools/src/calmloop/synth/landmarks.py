"""What a mesh of landmarks says of synthetic children: eyes, mouth, and how the head is turned.

What is asked for is known: how far the lids are shut, the mouth is open, the head is turned. It
measures the geometry, and is never an accuracy on children.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from calmloop.camera import encode_jpeg
from calmloop.contract.messages.face import HeadPose
from calmloop.face_detector import (
    Detector,
    FaceShape,
    JpegFrame,
    MeshNetwork,
    landmark_pose,
    shape_of,
)
from calmloop.synth.expressions import BLINK, CRYING, EXPRESSIONS, LAUGHING, Units, blend, varied
from calmloop.synth.geometry import FRONTAL, Posture
from calmloop.synth.paint import SKIN_TONES
from calmloop.synth.person import Ancestry, Person, Sex
from calmloop.synth.plan import AGES_YEARS, COVERS, UNCOVERED, looks_of
from calmloop.synth.scene import Picture, Shot, Studio
from calmloop.synth.writing import covered

CHILDREN = list(product(Ancestry, Sex, AGES_YEARS))
CLOSURES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the lids: 0 open, 1 shut."""
MOUTHS = (0.25, 0.5, 1.0)
"""How far the jaw is down."""
SHOWN: Mapping[str, Units] = {
    "smiling": EXPRESSIONS["happy"],
    "laughing": LAUGHING,
    "crying": CRYING,
}
JPEG_QUALITY = 90


@dataclass(frozen=True)
class Case:
    """What is asked of a picture.

    Attributes:
        closure: Of the lids, 0 open to 1 shut.
        mouth: How far the jaw is down, 0 to 1.
        expression: One of SHOWN, or empty.
        cover: What is in front of the face.
    """

    pose: Posture = FRONTAL
    closure: float = 0.0
    mouth: float = 0.0
    expression: str = ""
    cover: str = UNCOVERED

    @property
    def units(self) -> dict[str, float]:
        """Expression units of the mesh that is drawn."""
        shown = SHOWN.get(self.expression, {})
        return blend((BLINK, self.closure), ({"mouth-open": 1.0}, self.mouth), (shown, 1.0))


@dataclass(frozen=True)
class Look:
    """What is said of a picture.

    Attributes:
        case: What was asked for.
        found: Whether the detector found a face.
        shape: What the mesh tells; None where it is not sure.
        presence: How sure it is that there is a face, a logit.
        five: The head's pose by the detector's five landmarks.
        ms: What the mesh took, decoding and both of its looks.
    """

    case: Case
    found: bool = False
    shape: FaceShape | None = None
    presence: float = float("nan")
    five: HeadPose | None = None
    ms: float = float("nan")

    @property
    def eyes_closed(self) -> bool | None:
        """As in `face/state`."""
        return None if self.shape is None else self.shape.eyes_closed


def cases() -> list[Case]:
    """All that is asked of each child."""
    lids = [
        Case(Posture(yaw_deg=yaw_deg), closure)
        for yaw_deg, closure in product((0, 15, -15, 30, -30), CLOSURES)
    ]
    far = [
        Case(Posture(yaw_deg=yaw_deg), closure)
        for yaw_deg, closure in product((45, -45, 60, -60), (0.0, 1.0))
    ]
    nods = [
        Case(Posture(pitch_deg=pitch_deg), closure)
        for pitch_deg, closure in product((-20, 20), (0.0, 1.0))
    ]
    tilts = [Case(Posture(roll_deg=roll_deg)) for roll_deg in (-20, 20)]
    mouths = [Case(mouth=mouth) for mouth in MOUTHS]
    shown = [Case(expression=name) for name in SHOWN]
    covers = [Case(cover=name) for name in COVERS if name != UNCOVERED]
    return [*lids, *far, *nods, *tilts, *mouths, *shown, *covers]


def count(children: int) -> int:
    """How many pictures are drawn."""
    return children * len(cases())


def looks(
    studio: Studio, detector: Detector, mesh: MeshNetwork, children: int, seed: int
) -> Iterator[Look]:
    """Draws all cases of so many children, and what is said of each, on one thread."""
    cv2.setNumThreads(1)
    for number in range(children):
        rng = np.random.default_rng((seed, number))
        ancestry, sex, age_years = CHILDREN[number % len(CHILDREN)]
        person = Person(ancestry, sex, age_years, seed=int(rng.integers(2**31)))
        own = looks_of(number % len(SKIN_TONES) + 1, rng)
        for case in cases():
            units = varied(case.units, np.random.default_rng((seed, number)))
            drawing = int(rng.integers(2**31))
            shot = Shot(person, own, units, case.pose, seed=drawing)
            picture, square = studio.draw(shot)
            shown, _ = covered(picture, square, case.cover, drawing)
            yield _look(case, shown, detector, mesh)


def _look(case: Case, picture: Picture, detector: Detector, mesh: MeshNetwork) -> Look:
    side_px = picture.shape[0]
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    faces = detector.detect(gray, side_px / 5, side_px)
    if not faces:
        return Look(case)
    face = max(faces, key=lambda one: one.score)
    frame = JpegFrame(encode_jpeg(picture, JPEG_QUALITY), side_px)
    began_s = time.perf_counter()
    seen = mesh.look(frame, face.square, face.roll_deg)
    ms = 1000 * (time.perf_counter() - began_s)
    five = None if face.landmarks is None else landmark_pose(face.landmarks)
    return Look(case, True, shape_of(seen.points, seen.presence), seen.presence, five, ms)
