import numpy as np
import numpy.typing as npt
import pytest

from calmloop.training.augment import augmentation

Images = npt.NDArray[np.uint8]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def faces() -> Images:
    """Sixty-four smooth pictures with a bright left half, so that mirroring shows."""
    ramp = np.linspace(200, 40, 48)
    tilt = np.linspace(0, 40, 48)[:, None]
    offsets = np.arange(64)[:, None, None] % 16
    return np.asarray(ramp[None, None, :] + tilt + offsets, np.uint8)


DISTORTIONS = [
    augmentation.flip,
    augmentation.jitter_crop,
    augmentation.relight,
    augmentation.darken,
    augmentation.blur_motion,
    augmentation.lower_resolution,
    augmentation.add_noise,
    augmentation.erase,
    augmentation.Augmentation(),
]


@pytest.mark.parametrize("distort", DISTORTIONS, ids=lambda d: getattr(d, "__name__", "all"))
def test_a_distortion_keeps_shape_and_type_repeats_by_seed_and_spares_its_input(
    distort: augmentation.Augmentation, faces: Images
) -> None:
    before = faces.copy()
    first = distort(faces, np.random.default_rng(3))
    again = distort(faces, np.random.default_rng(3))
    other = distort(faces, np.random.default_rng(4))
    assert first.shape == faces.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, faces)
    assert np.array_equal(faces, before)


@pytest.mark.parametrize(
    "distort",
    [
        augmentation.flip,
        augmentation.relight,
        augmentation.darken,
        augmentation.blur_motion,
        augmentation.lower_resolution,
        augmentation.add_noise,
        augmentation.erase,
    ],
)
def test_with_p_zero_nothing_changes(
    distort: augmentation.Distortion, faces: Images, rng: np.random.Generator
) -> None:
    assert np.array_equal(distort(faces, rng, p=0.0), faces)


def test_flip_mirrors_about_half_of_the_pictures(faces: Images, rng: np.random.Generator) -> None:
    out = augmentation.flip(np.tile(faces, (10, 1, 1)), rng)
    mirrored = out[:, 0, 0] < out[:, 0, -1]
    assert 0.4 < mirrored.mean() < 0.6
    assert np.array_equal(augmentation.flip(faces, rng, p=1.0), faces[:, :, ::-1])


def test_jitter_moves_a_dot_no_further_than_it_may(rng: np.random.Generator) -> None:
    dots = np.zeros((100, 48, 48), np.uint8)
    dots[:, 23:25, 23:25] = 255
    out = augmentation.jitter_crop(dots, rng, rotation_deg=30, scale=(1, 1), shift=0.1)
    for picture in out:
        rows, columns = np.nonzero(picture > 60)
        assert abs(rows.mean() - 23.5) <= 4.8 + 1
        assert abs(columns.mean() - 23.5) <= 4.8 + 1
    assert np.ptp([np.nonzero(p > 60)[0].mean() for p in out]) > 4


def test_jitter_without_room_changes_nothing(faces: Images, rng: np.random.Generator) -> None:
    out = augmentation.jitter_crop(faces, rng, rotation_deg=0, scale=(1, 1), shift=0)
    assert np.array_equal(out, faces)


def test_scale_above_one_enlarges_what_is_in_the_middle(rng: np.random.Generator) -> None:
    squares = np.zeros((8, 48, 48), np.uint8)
    squares[:, 16:32, 16:32] = 255
    out = augmentation.jitter_crop(squares, rng, rotation_deg=0, scale=(1.5, 1.5), shift=0)
    assert (out > 127).sum(axis=(1, 2)) == pytest.approx([24 * 24] * 8, rel=0.1)


def test_brightness_moves_the_mean_within_its_bounds(rng: np.random.Generator) -> None:
    gray = np.full((200, 48, 48), 128, np.uint8)
    out = augmentation.relight(gray, rng, brightness=0.2, contrast=(1, 1), gamma=(1, 1), p=1.0)
    means = out.mean(axis=(1, 2)) - 128
    assert np.abs(means).max() <= 0.2 * 255 + 1
    assert means.min() < -35 < 35 < means.max()


def test_contrast_keeps_the_mean_and_spreads_the_levels(rng: np.random.Generator) -> None:
    stripes = np.tile(np.array([108, 148], np.uint8), (50, 48, 24))
    out = augmentation.relight(stripes, rng, brightness=0, contrast=(2, 2), gamma=(1, 1), p=1.0)
    assert out.mean() == pytest.approx(128, abs=1)
    assert int(out.max()) - int(out.min()) == pytest.approx(80, abs=2)


def test_darken_multiplies_and_never_brightens(faces: Images, rng: np.random.Generator) -> None:
    out = augmentation.darken(faces, rng, factor=(0.4, 0.4), p=1.0)
    assert np.abs(out - 0.4 * faces).max() <= 0.5 + 1e-3


def test_erase_changes_one_box_of_the_right_area(rng: np.random.Generator) -> None:
    black = np.zeros((300, 48, 48), np.uint8)
    out = augmentation.erase(black, rng, p=1.0, area=(0.1, 0.2))
    for picture in out:
        rows, columns = np.nonzero(picture)
        box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1) / 48**2
        assert 0.08 <= box <= 0.23


def test_a_line_kernel_averages(rng: np.random.Generator) -> None:
    for length in range(2, 10):
        kernel = augmentation.line_kernel(length, float(rng.uniform(0, 180)))
        assert kernel.sum() == pytest.approx(1)
        assert kernel.shape == (length | 1, length | 1)
        rows, columns = np.indices(kernel.shape)
        assert (kernel * rows).sum() == pytest.approx(length // 2, abs=0.2)
        assert (kernel * columns).sum() == pytest.approx(length // 2, abs=0.2)


def test_motion_blur_smears_a_dot_into_a_line(rng: np.random.Generator) -> None:
    dots = np.zeros((40, 48, 48), np.uint8)
    dots[:, 24, 24] = 255
    out = augmentation.blur_motion(dots, rng, max_length_px=7, p=1.0)
    assert (out.max(axis=(1, 2)) < 200).all()
    assert (np.count_nonzero(out, axis=(1, 2)) >= 2).all()


def test_noise_is_as_strong_as_asked(rng: np.random.Generator) -> None:
    gray = np.full((200, 48, 48), 128, np.uint8)
    spread = augmentation.add_noise(gray, rng, max_sigma=10, p=1.0).std(axis=(1, 2))
    assert spread.max() < 11
    assert spread.mean() == pytest.approx(5, abs=1)
