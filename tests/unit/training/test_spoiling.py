"""Faces of which less can be seen: the same every time, and what is lost is told."""

import numpy as np
import numpy.typing as npt
import pytest

from calmloop.training.augment.cover import COVERS, face_weight
from calmloop.training.augment.no_face import NO_FACES, shuffle
from calmloop.training.augment.spoil import WAYS, spoil
from calmloop.training.augment.spoilings import NO_FACE, Spoiling, spoil_all

Images = npt.NDArray[np.uint8]


@pytest.fixture
def faces() -> Images:
    """Soft blobs: no faces, and of their size and kind."""
    y, x = np.mgrid[0:48, 0:48]
    rng = np.random.default_rng(0)
    lit = [
        128 + 60 * np.sin(x / rng.uniform(4, 9)) * np.cos(y / rng.uniform(4, 9)) for _ in range(64)
    ]
    return np.stack(lit).astype(np.uint8)


@pytest.mark.parametrize("way", [*dict.fromkeys(COVERS), *dict.fromkeys(WAYS)])
def test_each_way_changes_the_picture_and_tells_what_is_lost(way: object, faces: Images) -> None:
    assert callable(way)
    for seed, face in enumerate(faces[:16]):
        before = face.copy()
        spoiled, lost = way(face, np.random.default_rng(seed))
        again, lost_again = way(face, np.random.default_rng(seed))
        assert spoiled.shape == face.shape
        assert spoiled.dtype == np.uint8
        assert 0.0 <= lost <= 1.0
        assert (spoiled == again).all()
        assert lost == lost_again
        assert (spoiled != face).any()
        assert (face == before).all()


@pytest.mark.parametrize("way", dict.fromkeys(NO_FACES))
def test_what_is_no_face_differs_each_time(way: object, faces: Images) -> None:
    assert callable(way)
    one, other = (way(faces[0], np.random.default_rng(seed)) for seed in (0, 1))
    assert one.shape == (48, 48)
    assert one.dtype == np.uint8
    assert (one != other).any()


def test_a_share_is_spoiled_and_a_share_shows_no_face(faces: Images) -> None:
    many = np.tile(faces, (16, 1, 1))
    spoiled, lost = spoil(many, np.random.default_rng(3), p=0.3, no_face_p=0.2)
    changed = (spoiled != many).any(axis=(1, 2))
    assert changed.mean() == pytest.approx(0.5, abs=0.05)
    assert (lost[~changed] == 0.0).all()
    assert (lost == 1.0).mean() == pytest.approx(0.2, abs=0.06)
    untouched, none = spoil(many, np.random.default_rng(3), p=0.0)
    assert (untouched == many).all()
    assert not none.any()


@pytest.mark.parametrize("way", Spoiling)
def test_the_fixed_ways_are_the_same_every_time(way: Spoiling, faces: Images) -> None:
    spoiled = spoil_all(faces, way)
    assert (spoiled == spoil_all(faces, way)).all()
    assert spoiled.shape == faces.shape
    assert (spoiled != faces).any(axis=(1, 2)).all()


def test_shuffled_tiles_are_the_same_tiles(faces: Images) -> None:
    mixed = shuffle(faces[0], 4, np.random.default_rng(0))
    assert sorted(mixed.ravel()) == sorted(faces[0].ravel())
    assert (mixed != faces[0]).mean() > 0.5
    assert Spoiling.SHUFFLED in NO_FACE


def test_mouth_and_eyes_weigh_most() -> None:
    weight = face_weight(48)
    mouth, forehead = weight[36, 24], weight[2, 24]
    assert mouth > 5 * forehead
    assert weight[17, 14] > 5 * forehead
