"""Reads the CC0 mesh and targets of MakeHuman's MPFB: the head of its body with eyes and teeth.

The folder has ``3dobjs/base.obj`` and ``targets/``; a target moves some of the mesh's points.
Lengths are the mesh's own, decimetres; x is the person's left, y up, z forward.
"""

import gzip
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calmloop.base.errors import InputError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

BASE = Path("3dobjs", "base.obj")
TARGETS = Path("targets")
POINTS = 19158
"""Points of the mesh that the targets are made for, `hm08`."""

CHEST_Y, SHOULDERS_X = 2.2, 3.0
"""What is drawn of the body: above and between, in the base mesh."""


class MeshPart(IntEnum):
    """What a triangle belongs to."""

    BODY = 0
    LEFT_EYE = 1
    RIGHT_EYE = 2
    UPPER_TEETH = 3
    LOWER_TEETH = 4
    TONGUE = 5
    LASHES = 6


_GROUPS = {
    "body": MeshPart.BODY,
    "helper-l-eye": MeshPart.LEFT_EYE,
    "helper-r-eye": MeshPart.RIGHT_EYE,
    "helper-upper-teeth": MeshPart.UPPER_TEETH,
    "helper-lower-teeth": MeshPart.LOWER_TEETH,
    "helper-tongue": MeshPart.TONGUE,
    "helper-l-eyelashes-2": MeshPart.LASHES,
    "helper-r-eyelashes-2": MeshPart.LASHES,
}
JOINTS = {"neck": "joint-neck", "left eye": "joint-l-eye", "right eye": "joint-r-eye"}


@dataclass(frozen=True)
class Mesh:
    """The drawn part of the base mesh.

    Attributes:
        points: (V, 3) of what is drawn and of the joints.
        triangles: (T, 3) indices into the points.
        parts: (T,) each triangle's `MeshPart`.
        joints: Names of `JOINTS` with the indices of the points whose mean is the joint.
        row_of: (POINTS,) the row of each point of the file, -1 for one that is left out.
        folder: Where its targets lie.
    """

    points: Floats
    triangles: Ints
    parts: Ints
    joints: dict[str, Ints]
    row_of: Ints
    folder: Path

    @cached_property
    def _targets(self) -> dict[str, tuple[Ints, Floats]]:
        return {}

    def target(self, name: str) -> tuple[Ints, Floats]:
        """Indices (N,) and displacements (N, 3) of ``targets/<name>.target.gz``, read once.

        Raises:
            InputError: it is missing or broken.
        """
        if name not in self._targets:
            path = self.folder / TARGETS / f"{name}.target.gz"
            indices, moved = _read_target(path)
            rows = self.row_of[indices]
            self._targets[name] = rows[rows >= 0], moved[rows >= 0]
        return self._targets[name]

    def joint(self, name: str, points: Floats) -> Floats:
        """Where a joint is (3,) in the points of a person."""
        return np.asarray(points[self.joints[name]].mean(0), np.float32)


def load_mesh(folder: Path) -> Mesh:
    """The head of the mesh in a folder.

    Raises:
        InputError: the folder is not that of the assets, or the mesh is another one.
    """
    path = folder / BASE
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"{path} cannot be read ({error}): name the folder of MPFB's CC0 assets, with"
            f" {BASE} and {TARGETS}/ in it"
        ) from None
    points, faces = _parse(lines)
    if len(points) != POINTS or not {*_GROUPS, *JOINTS.values()} <= faces.keys():
        raise InputError(
            f"{path} has {len(points)} points, {POINTS} and MakeHuman's groups are expected:"
            " take base.obj of the mesh hm08"
        )
    triangles, parts = _drawn(points, faces)
    joints = {name: np.unique(faces[group]) for name, group in JOINTS.items()}
    kept = np.unique(np.concatenate([triangles.ravel(), *joints.values()]))
    row_of = np.full(POINTS, -1, np.int32)
    row_of[kept] = np.arange(len(kept))
    joints = {name: row_of[indices] for name, indices in joints.items()}
    return Mesh(points[kept], row_of[triangles], parts, joints, row_of, folder)


def _parse(lines: list[str]) -> tuple[Floats, dict[str, Ints]]:
    points, faces, group = [], dict[str, list[list[int]]](), ""
    for line in lines:
        kind, _, rest = line.partition(" ")
        if kind == "v":
            points.append([float(word) for word in rest.split()[:3]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [int(word.partition("/")[0]) - 1 for word in rest.split()]
            faces.setdefault(group, []).append([*corners[:3], corners[-1]])
    quads = {name: np.array(found, np.int32) for name, found in faces.items()}
    return np.array(points, np.float32).reshape(-1, 3), quads


def _drawn(points: Floats, faces: dict[str, Ints]) -> tuple[Ints, Ints]:
    triangles, parts = [], []
    for group, part in _GROUPS.items():
        quads = faces[group]
        if part is MeshPart.BODY:
            at = points[quads]
            inside = (at[..., 1] > CHEST_Y) & (np.abs(at[..., 0]) < SHOULDERS_X)
            quads = quads[inside.all(1)]
        halves = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        triangles.append(halves)
        parts.append(np.full(len(halves), part, np.int32))
    return np.concatenate(triangles), np.concatenate(parts)


def _read_target(path: Path) -> tuple[Ints, Floats]:
    try:
        with gzip.open(path, "rt", encoding="ascii") as file:
            rows = [line.split() for line in file if line.strip() and line[0] != "#"]
        moved = np.array(rows, np.float64).reshape(-1, 4)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}): copy MPFB's targets anew") from None
    indices = moved[:, 0].astype(np.int32)
    if indices.size and not 0 <= indices.min() <= indices.max() < POINTS:
        raise InputError(
            f"{path} moves point {indices.max()}, the mesh has 0 to {POINTS - 1}: it is a target"
            " of another mesh"
        )
    return indices, moved[:, 1:].astype(np.float32)
