"""The shape of one made-up child: ancestry, sex, age, weight and a face of its own."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from calmloop.base.errors import InputError
from calmloop.synth.expressions import Units
from calmloop.synth.mesh import Floats, Mesh

MIN_AGE_YEARS, MAX_AGE_YEARS = 1.0, 10.0
"""Those of MakeHuman's targets `baby` and `child`."""

BUMP_UNITS = 0.02
"""How far a feature of a face of its own moves, in decimetres: the standard deviation."""

_FEATURES = {
    "nose": (0.0, 6.95, 1.65, 0.16),
    "bridge": (0.0, 7.25, 1.5, 0.14),
    "chin": (0.0, 6.3, 1.45, 0.22),
    "forehead": (0.0, 7.85, 1.35, 0.35),
    "cheek": (0.5, 6.9, 1.2, 0.25),
    "jaw": (0.55, 6.45, 0.8, 0.3),
    "brow": (0.33, 7.48, 1.4, 0.2),
    "mouth": (0.24, 6.62, 1.45, 0.16),
    "temple": (0.65, 7.6, 0.8, 0.35),
}
"""Where a face may differ: x, y, z and reach in the base mesh; those beside the middle, twice."""


class Ancestry(StrEnum):
    """Of the mesh's shapes, by the names that their makers gave them."""

    AFRICAN = "african"
    ASIAN = "asian"
    CAUCASIAN = "caucasian"


class Sex(StrEnum):
    """Of the mesh's shapes."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True)
class Person:
    """Who is drawn.

    Attributes:
        ancestry: Whose shapes and expression units.
        sex: Whose shapes.
        age_years: 1 to 10, between the shapes of a baby and of a child.
        weight: −1 thin to 1 heavy.
        seed: Of the face's own features.
    """

    ancestry: Ancestry
    sex: Sex
    age_years: float
    weight: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Checks the age.

        Raises:
            InputError: there is no shape of it.
        """
        if not MIN_AGE_YEARS <= self.age_years <= MAX_AGE_YEARS:
            raise InputError(
                f"an age of {self.age_years:g} years: the shapes go from {MIN_AGE_YEARS:g} to"
                f" {MAX_AGE_YEARS:g}"
            )


def shape(mesh: Mesh, person: Person) -> Floats:
    """The points (V, 3) of a person at rest."""
    child = (person.age_years - MIN_AGE_YEARS) / (MAX_AGE_YEARS - MIN_AGE_YEARS)
    points = mesh.points.copy()
    for age, share in (("baby", 1 - child), ("child", child)):
        names = {f"macrodetails/{person.ancestry}-{person.sex}-{age}": share}
        heavy = "maxweight" if person.weight > 0 else "minweight"
        body = f"macrodetails/universal-{person.sex}-{age}-averagemuscle-{heavy}"
        names[body] = share * abs(person.weight)
        for name, weight in names.items():
            _add(points, mesh, name, weight)
    return points + _own_features(mesh.points, np.random.default_rng(person.seed)) * _scale(
        mesh, points
    )


def express(mesh: Mesh, person: Person, points: Floats, units: Units) -> Floats:
    """The points of a person who shows expression units, by their names without `*`.

    The units are made for the base mesh: they shrink with the face.
    """
    shown = points.copy()
    scale = _scale(mesh, points)
    for name, weight in units.items():
        indices, moved = mesh.target(f"expression/units/{person.ancestry}/{name}")
        shown[indices] += weight * moved * scale
    return shown


def _add(points: Floats, mesh: Mesh, name: str, weight: float) -> None:
    if weight:
        indices, moved = mesh.target(name)
        points[indices] += np.float32(weight) * moved


def _scale(mesh: Mesh, points: Floats) -> Floats:
    """Size of a face in sizes of the base mesh's, along x and along y and z."""
    now, base = (
        mesh.joint("left eye", at) - mesh.joint("right eye", at) for at in (points, mesh.points)
    )
    across = now[0] / base[0]
    return np.array([across, across, across], np.float32)


def _own_features(base: Floats, rng: np.random.Generator) -> Floats:
    moved = np.zeros_like(base)
    for x, y, z, reach in _FEATURES.values():
        by = np.clip(rng.normal(0, BUMP_UNITS, 3), -2 * BUMP_UNITS, 2 * BUMP_UNITS)
        for side in (1, -1) if x else (1,):
            near = np.exp(-((base - [side * x, y, z]) ** 2).sum(1) / (2 * reach**2))
            moved += (near[:, None] * (by * [side if x else 0, 1, 1])).astype(np.float32)
    return moved
