"""Draws a person with an expression in a pose and a light, as a camera would see it."""

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.base.errors import InputError
from calmloop.synth import paint
from calmloop.synth.expressions import Units
from calmloop.synth.geometry import FRONTAL, Posture, normals_of, project, rotation, turned
from calmloop.synth.lighting import LIGHTS, lit
from calmloop.synth.mesh import Floats, Ints, Mesh, MeshPart
from calmloop.synth.paint import HairStyle, Looks
from calmloop.synth.person import Person, express, shape
from calmloop.synth.raster import Drawn, rasterise

Picture = npt.NDArray[np.uint8]

MIN_SIDE_PX, MAX_SIDE_PX = 64, 1024
SAMPLES = 2
"""Drawn so many times larger, and shrunk."""
NOISE_LEVELS = 2.0
"""Of the sensor: standard deviation in levels of 0 to 255."""
FACE_SHARE = 0.5
"""Side of the face's square in sides of the picture."""
HAIR_THICK = {HairStyle.SHAVED: 0.012, HairStyle.SHORT: 0.1, HairStyle.FRINGE: 0.14}
EYES_TO_MOUTH = 0.36
"""In sides of the face's square: as the covers have it, and the detector cuts it."""
NECK_Y = (5.5, 6.2)
"""In the base mesh: what is above moves with the head, what is below stays."""
WHOLLY = np.ones((1, 1), np.float32)
_MOUTH_CORNER = (0.27, 6.6, 1.41)


@dataclass(frozen=True)
class FaceSquare:
    """The face in a picture, in its pixels."""

    left: float
    top: float
    side: float


@dataclass(frozen=True)
class Shot:
    """One picture to draw; those of one seed with other frames differ by the sensor's noise."""

    person: Person
    looks: Looks
    units: Units = field(default_factory=dict)
    pose: Posture = FRONTAL
    light: str = "even"
    seed: int = 0
    frame: int = 0


class Studio:
    """Draws with one mesh; what a person's pictures have in common is kept."""

    def __init__(self, mesh: Mesh, side_px: int) -> None:
        """Takes the pictures' side.

        Raises:
            InputError: it is too small or too large.
        """
        if not MIN_SIDE_PX <= side_px <= MAX_SIDE_PX:
            raise InputError(
                f"pictures of {side_px} px: {MIN_SIDE_PX} to {MAX_SIDE_PX} can be drawn"
            )
        self._mesh = mesh
        self._side = side_px
        self._inside = _within_mouth(mesh)
        self._shape = lru_cache(8)(lambda person: shape(mesh, person))
        self._hair = lru_cache(4)(lambda style: _hair_triangles(mesh, style))

    def draw(self, shot: Shot) -> tuple[Picture, FaceSquare]:
        """The picture (side, side, 3) BGR uint8, and where its face is."""
        mesh, side = self._mesh, self._side * SAMPLES
        rest = self._shape(shot.person)
        points = express(mesh, shot.person, rest, shot.units)
        triangles, parts, points, base, inside = self._with_hair(points, shot.looks.style)
        normals = normals_of(points, triangles)
        turn, pivot = rotation(shot.pose), mesh.joint("neck", rest)
        share = np.clip((base[:, 1:2] - NECK_Y[0]) / (NECK_Y[1] - NECK_Y[0]), 0, 1)
        posed = turned(points - pivot, turn, share) + pivot
        normals = turned(normals, turn, share)
        middle, size = self._middle(rest)
        target = turned((middle - pivot)[None], turn, WHOLLY)[0] + pivot
        target = 0.75 * target + 0.25 * middle
        scale = FACE_SHARE * side / (size / EYES_TO_MOUTH)
        screen = project(posed, target, scale, side)
        lashes = parts == MeshPart.LASHES
        seen = rasterise(screen, triangles, side, both_sides=lashes)
        values = np.concatenate([base, normals, inside[:, None], screen[:, 2:]], 1)
        at = seen.interpolate(triangles, values)
        colour = _colours(at, parts[seen.triangle[seen.covered]], shot.looks)
        shown = lit(colour, at, seen, LIGHTS[shot.light], scale)
        return self._finish(shown, seen, shot), self._square(middle, target, turn, pivot, scale)

    def _with_hair(
        self, points: Floats, style: HairStyle
    ) -> tuple[Ints, Ints, Floats, Floats, Floats]:
        mesh = self._mesh
        hair, thick = self._hair(style)
        normals = normals_of(points, mesh.triangles[mesh.parts == MeshPart.BODY])
        shell = points + normals * thick[:, None]
        count = len(points)
        triangles = np.concatenate([mesh.triangles, hair + count])
        parts = np.concatenate([mesh.parts, np.full(len(hair), HAIR, np.int32)])
        twice = [np.concatenate([one, one]) for one in (mesh.points, self._inside)]
        return triangles, parts, np.concatenate([points, shell]), twice[0], twice[1]

    def _middle(self, rest: Floats) -> tuple[Floats, float]:
        """The middle of a face at rest, and how far its eyes are above its mouth."""
        mesh = self._mesh
        eyes = (mesh.joint("left eye", rest) + mesh.joint("right eye", rest)) / 2
        corner = np.argmin(((mesh.points - _MOUTH_CORNER) ** 2).sum(1))
        down = float(eyes[1] - rest[corner, 1])
        front = float(rest[corner, 2])
        return np.array([0, eyes[1] - 0.28 * down, front], np.float32), down

    def _square(
        self, middle: Floats, target: Floats, turn: Floats, pivot: Floats, scale: float
    ) -> FaceSquare:
        at = turned((middle - pivot)[None], turn, WHOLLY) + pivot
        x, y, _ = project(at, target, scale, self._side * SAMPLES)[0] / SAMPLES
        side = FACE_SHARE * self._side
        return FaceSquare(float(x) - side / 2, float(y) - side / 2, side)

    def _finish(self, shown: Floats, seen: Drawn, shot: Shot) -> Picture:
        side = seen.triangle.shape[0]
        light = LIGHTS[shot.light]
        behind = _background(side, np.random.default_rng(shot.seed)) * np.float32(
            min(1.0, light.lamp + light.ambient)
        )
        behind[seen.covered] = shown
        small = cv2.resize(behind, (self._side, self._side), interpolation=cv2.INTER_AREA)
        noise = np.random.default_rng((shot.seed, shot.frame)).normal(0, NOISE_LEVELS, small.shape)
        levels = 255 * np.clip(small, 0, 1) ** (1 / 2.2) + noise
        return np.asarray(np.clip(np.rint(levels[..., ::-1]), 0, 255), np.uint8)


HAIR = len(MeshPart)
"""The part of the shell over the scalp."""


def _colours(at: Floats, parts: Ints, looks: Looks) -> Floats:
    colour = np.zeros((len(at), 3), np.float32)
    base, inside = at[:, :3], at[:, 6]
    is_skin = (parts == MeshPart.BODY) | (parts == HAIR)
    colour[is_skin] = paint.skin(base[is_skin], inside[is_skin], looks)
    is_hair = parts == HAIR
    colour[is_hair] = paint.hair(base[is_hair], colour[is_hair], looks)
    for part in (MeshPart.LEFT_EYE, MeshPart.RIGHT_EYE):
        colour[parts == part] = paint.eye(base[parts == part], part, looks)
    for part, plain in paint.PLAIN.items():
        colour[parts == part] = plain
    return colour


def _background(side: int, rng: np.random.Generator) -> Floats:
    small = (
        rng.uniform(0.05, 0.35)
        + 0.05 * rng.standard_normal(3)
        + 0.03 * rng.standard_normal((4, 4, 3))
    )
    drawn = cv2.resize(small.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(drawn, 0.02, 1), np.float32)


def _hair_triangles(mesh: Mesh, style: HairStyle) -> tuple[Ints, Floats]:
    """The scalp's triangles (N, 3), and how thick the hair is over each point (V,)."""
    within = paint.above_hairline(mesh.points, style)
    body = mesh.triangles[mesh.parts == MeshPart.BODY]
    thick = HAIR_THICK[style] * np.clip(within / 0.2, 0.02, 1)
    return body[(within[body] > -0.15).all(1)], np.asarray(thick, np.float32)


def _within_mouth(mesh: Mesh) -> Floats:
    """1 at the points (V,) of the mouth's hollow: its back, and all up to the lips."""
    body = mesh.triangles[mesh.parts == MeshPart.BODY]
    y, z = mesh.points[:, 1], mesh.points[:, 2]
    allowed = (z < 1.40) & (z > 0.3) & (np.abs(mesh.points[:, 0]) < 0.5) & (y > 6.2) & (y < 7.0)
    start = np.argmin(((mesh.points - [0.0, 6.8, 0.69]) ** 2).sum(1))
    inside = np.zeros(len(y), np.bool_)
    inside[start] = True
    while True:
        touched = inside[body].any(1)
        grown = inside.copy()
        grown[body[touched].ravel()] = True
        grown &= allowed
        if (grown == inside).all():
            return inside.astype(np.float32)
        inside = grown
