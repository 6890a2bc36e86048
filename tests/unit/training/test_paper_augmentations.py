"""The augmentations that the papers name: TrivialAugmentWide, cutout, mixup and CutMix."""

import numpy as np
import numpy.typing as npt
import pytest

from calmloop.training.augment import augmentation
from calmloop.training.augment.mixing import cutmix, mix, mixup
from calmloop.training.augment.trivial_augment import OPERATIONS, trivial_augment_wide

Images = npt.NDArray[np.uint8]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def face() -> Images:
    rows, columns = np.indices((48, 48))
    return (rows * 2 + columns * 2 + 20).astype(np.uint8)


@pytest.fixture
def batch() -> tuple[Images, npt.NDArray[np.float32]]:
    """Seven even pictures, a level and a class each."""
    levels = np.arange(7, dtype=np.uint8) * 40
    return np.repeat(levels, 48 * 48).reshape(7, 48, 48), np.eye(7, dtype=np.float32)


@pytest.mark.parametrize("name", [n for n in OPERATIONS if n not in ("autocontrast", "equalize")])
def test_an_operation_at_no_strength_changes_nothing(name: str, face: Images) -> None:
    assert np.abs(OPERATIONS[name](face, 0.0).astype(int) - face).max() <= 1


@pytest.mark.parametrize("name", [n for n in OPERATIONS if n != "identity"])
def test_an_operation_at_full_strength_changes_much(name: str, face: Images) -> None:
    for strength in (-1.0, 1.0):
        out = OPERATIONS[name](face, strength)
        assert (out.shape, out.dtype.name) == ((48, 48), "uint8")
        # Sharpening hardly changes a ramp: only its corners.
        assert not np.array_equal(out, face)


def test_operations_do_what_they_are_named_after(face: Images) -> None:
    moved = OPERATIONS["translate x"](face, 0.5)
    assert np.array_equal(moved[:, 16:], face[:, :32])
    assert (moved[:, :16] == 0).all()
    turned = OPERATIONS["rotate"](face, 90 / 135).astype(int)
    assert np.abs(turned - np.rot90(face)).max() <= 1
    assert np.array_equal(OPERATIONS["solarize"](face, 1.0), 255 - face)
    assert set(np.unique(OPERATIONS["posterize"](face, 1.0))) <= {0, 64, 128, 192}
    stretched = OPERATIONS["autocontrast"](face, 0.0)
    assert (stretched.min(), stretched.max()) == (0, 255)
    assert OPERATIONS["brightness"](face, -1.0).max() <= 0.01 * face.max() + 1
    assert np.ptp(OPERATIONS["contrast"](face, -1.0)) <= 4


def test_trivial_augment_uses_every_operation_and_repeats_by_seed(face: Images) -> None:
    faces = np.tile(face, (400, 1, 1))
    out = trivial_augment_wide(faces, np.random.default_rng(1))
    assert np.array_equal(out, trivial_augment_wide(faces, np.random.default_rng(1)))
    kept = (out == face).all(axis=(1, 2)).mean()
    assert 1 / 13 - 0.05 < kept < 4 / 13
    assert len({picture.tobytes() for picture in out}) > 150
    assert np.array_equal(trivial_augment_wide(faces, np.random.default_rng(1), p=0.0), faces)


def test_cutout_blackens_a_square_that_may_reach_over_the_edge(rng: np.random.Generator) -> None:
    white = np.full((500, 48, 48), 255, np.uint8)
    areas = (augmentation.cutout(white, rng, p=1.0) == 0).sum(axis=(1, 2))
    assert areas.max() == 16 * 16
    assert 8 * 8 <= areas.min() < 16 * 16
    assert np.array_equal(augmentation.cutout(white, rng, p=0.0), white)


def test_the_recipes_augmentation_takes_the_papers_in_when_asked(face: Images) -> None:
    faces = np.tile(face, (64, 1, 1))
    plain = augmentation.Augmentation()(faces, np.random.default_rng(2))
    for changed in (
        augmentation.Augmentation(trivial_p=1.0),
        augmentation.Augmentation(cutout_p=1.0),
    ):
        assert not np.array_equal(changed(faces, np.random.default_rng(2)), plain)


def test_mixup_lays_two_faces_over_each_other_as_their_targets_say(
    batch: tuple[Images, npt.NDArray[np.float32]], rng: np.random.Generator
) -> None:
    images, targets = mixup(*batch, rng)
    assert targets.sum(axis=1) == pytest.approx(np.ones(7))
    assert images[:, 20, 20] == pytest.approx(targets @ (np.arange(7) * 40), abs=0.6)


def test_cutmix_targets_are_the_areas(
    batch: tuple[Images, npt.NDArray[np.float32]], rng: np.random.Generator
) -> None:
    for _ in range(30):
        images, targets = cutmix(*batch, rng)
        for picture, target in zip(images, targets, strict=True):
            areas = [(picture == level).mean() for level in range(0, 280, 40)]
            assert target == pytest.approx(areas, abs=1e-6)


def test_mixing_happens_as_often_as_asked_and_by_both_ways(
    batch: tuple[Images, npt.NDArray[np.float32]], rng: np.random.Generator
) -> None:
    mixed = [mix(*batch, rng, p=0.8)[0] for _ in range(400)]
    unchanged = np.mean([np.array_equal(images, batch[0]) for images in mixed])
    flat = np.mean([np.ptp(images, axis=(1, 2)).max() == 0 for images in mixed]) - unchanged
    assert 0.15 < unchanged < 0.35
    assert 0.25 < flat < 0.5
    assert mix(*batch, rng, p=0.0)[0] is batch[0]


def test_shares_come_from_a_beta_of_one_half(
    batch: tuple[Images, npt.NDArray[np.float32]], rng: np.random.Generator
) -> None:
    shares = np.array([mixup(*batch, rng)[1].max(axis=1).min() for _ in range(2000)])
    # max(x, 1-x) of Beta(0.5, 0.5), the arcsine law, has the mean 1/2 + 1/pi.
    assert shares.mean() == pytest.approx(0.5 + 1 / np.pi, abs=0.01)
