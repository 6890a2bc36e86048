"""A z-buffer in numpy: which triangle each pixel shows, and where in it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

NOTHING = -1


@dataclass(frozen=True)
class Drawn:
    """What each pixel shows.

    Attributes:
        triangle: (H, W) index of the nearest triangle, `NOTHING` where there is none.
        weights: (H, W, 3) barycentric weights of its corners.
    """

    triangle: Ints
    weights: Floats

    @property
    def covered(self) -> npt.NDArray[np.bool_]:
        """(H, W) where there is a triangle."""
        return np.asarray(self.triangle != NOTHING)

    def interpolate(self, triangles: Ints, values: Floats) -> Floats:
        """Values of points (V, C) at each covered pixel: (N, C), in the order of `covered`."""
        corners = values[triangles[self.triangle[self.covered]]]
        mixed = np.einsum("nkc,nk->nc", corners, self.weights[self.covered])
        return np.asarray(mixed, np.float32)


def rasterise(
    points: Floats, triangles: Ints, side: int, *, both_sides: npt.NDArray[np.bool_]
) -> Drawn:
    """Draws triangles into a square picture.

    Args:
        points: (V, 3): x to the right and y down in pixels, and the nearness, larger in front.
        triangles: (T, 3) indices; seen from the front their corners go anticlockwise.
        side: Of the picture, in pixels.
        both_sides: (T,) which are drawn from behind, too.
    """
    corners = points[triangles]
    edge_1, edge_2 = corners[:, 1, :2] - corners[:, 0, :2], corners[:, 2, :2] - corners[:, 0, :2]
    area = edge_1[:, 0] * edge_2[:, 1] - edge_1[:, 1] * edge_2[:, 0]
    low = np.ceil(corners[..., :2].min(1) - 0.5).astype(np.int32).clip(0, side)
    high = np.floor(corners[..., :2].max(1) - 0.5).astype(np.int32).clip(-1, side - 1)
    extent = (high - low + 1).min(1), (high - low + 1).max(1)
    drawn = ((area < -1e-6) | (both_sides & (area > 1e-6))) & (extent[0] > 0)
    found = []
    size, least = 2, 0
    while least < side:
        chosen = np.flatnonzero(drawn & (extent[1] > least) & (extent[1] <= size))
        if chosen.size:
            found.append(_inside(corners, area, low, chosen, size, side))
        size, least = 2 * size, size
    return _nearest(found, side)


def _inside(
    corners: Floats, area: Floats, low: Ints, chosen: npt.NDArray[np.intp], size: int, side: int
) -> tuple[npt.NDArray[np.int64], Floats, Ints, Floats]:
    """Pixels in boxes of one size that are inside their triangles: pixel, depth, which, weights."""
    dy, dx = np.mgrid[0:size, 0:size].reshape(2, -1)
    x, y = low[chosen, 0, None] + dx, low[chosen, 1, None] + dy
    at, twice = corners[chosen], area[chosen, None]
    px, py = (x + 0.5).astype(np.float32), (y + 0.5).astype(np.float32)
    (ax, ay), (bx, by), (cx, cy) = (at[:, k, :2].T[..., None] for k in range(3))
    w_a = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / twice
    w_b = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / twice
    w_c = 1 - w_a - w_b
    row, column = np.nonzero(
        (np.minimum(np.minimum(w_a, w_b), w_c) >= -1e-5) & (x < side) & (y < side)
    )
    weights = np.stack([w[row, column] for w in (w_a, w_b, w_c)], 1).astype(np.float32)
    depth = (weights * at[row, :, 2]).sum(1)
    pixel = y[row, column].astype(np.int64) * side + x[row, column]
    return pixel, depth, chosen[row].astype(np.int32), weights


def _nearest(found: list[tuple[npt.NDArray[np.int64], Floats, Ints, Floats]], side: int) -> Drawn:
    triangle = np.full(side * side, NOTHING, np.int32)
    weights = np.zeros((side * side, 3), np.float32)
    if found:
        pixel, depth, which, shares = (np.concatenate(one) for one in zip(*found, strict=True))
        # Of several writes to one place the last stays: the nearest.
        order = np.argsort(depth, kind="stable")
        triangle[pixel[order]] = which[order]
        weights[pixel[order]] = shares[order]
    return Drawn(triangle.reshape(side, side), weights.reshape(side, side, 3))
