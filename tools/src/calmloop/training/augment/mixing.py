"""Mixup and CutMix: faces made of two, with targets to match."""

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]
Targets = npt.NDArray[np.float32]
Batch = tuple[Images, Targets]

ALPHA = 0.5
"""Of the Beta distribution that the share is drawn from, as in the project's paper on athletes."""


def mixup(
    images: Images, targets: Targets, rng: np.random.Generator, alpha: float = ALPHA
) -> Batch:
    """Each face and another of the batch, laid over each other (Zhang et al., 2018).

    Images (N, H, W) uint8, targets (N, C); one share from Beta(alpha, alpha) for the batch.
    """
    share = np.float32(rng.beta(alpha, alpha))
    other = rng.permutation(len(images))
    mixed = share * images.astype(np.float32) + (1 - share) * images[other]
    return (mixed + np.float32(0.5)).astype(np.uint8), _mix(targets, other, share)


def cutmix(
    images: Images, targets: Targets, rng: np.random.Generator, alpha: float = ALPHA
) -> Batch:
    """A box of each face replaced by the same place of another (Yun et al., 2019).

    The box has a share from Beta(alpha, alpha) of the sides' product, its centre is drawn evenly
    and it is clipped to the picture; the targets mix by the area that is left.
    """
    height, width = images.shape[1:]
    side = np.sqrt(1 - rng.beta(alpha, alpha))
    other = rng.permutation(len(images))
    middle = rng.integers(0, height), rng.integers(0, width)
    top, bottom = _span(int(middle[0]), side * height, height)
    left, right = _span(int(middle[1]), side * width, width)
    out = images.copy()
    out[:, top:bottom, left:right] = images[other, top:bottom, left:right]
    kept = np.float32(1 - (bottom - top) * (right - left) / (height * width))
    return out, _mix(targets, other, kept)


def mix(
    images: Images,
    targets: Targets,
    rng: np.random.Generator,
    p: float = 0.8,
    alpha: float = ALPHA,
) -> Batch:
    """With probability ``p`` the batch through mixup or CutMix, by a coin; else as it is."""
    if rng.random() >= p:
        return images, targets
    chosen = mixup if rng.random() < 0.5 else cutmix
    return chosen(images, targets, rng, alpha)


def _span(middle: int, length: float, limit: int) -> tuple[int, int]:
    half = length / 2
    return max(0, round(middle - half)), min(limit, round(middle + half))


def _mix(targets: Targets, other: npt.NDArray[np.int64], share: np.float32) -> Targets:
    mixed: Targets = (share * targets + (1 - share) * targets[other]).astype(np.float32)
    return mixed
