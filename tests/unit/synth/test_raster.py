"""The z-buffer shows what is in front, once, and says where in a triangle a pixel is."""

import numpy as np
import pytest

from calmloop.synth.raster import NOTHING, Drawn, Floats, Ints, rasterise

SIDE = 16
CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
"""Anticlockwise from outside, y down: left, right, top, bottom, far, near."""
FAR, NEAR = 4, 5
CUBE = np.array([corners for a, b, c, d in QUADS for corners in ((a, c, b), (a, d, c))], np.int32)


def drawn(points: Floats, triangles: Ints = CUBE, *, both_sides: bool = False) -> Drawn:
    return rasterise(points, triangles, SIDE, both_sides=np.full(len(triangles), both_sides))


def side_of_cube(seen: Drawn) -> set[int]:
    return {int(triangle) // 2 for triangle in seen.triangle[seen.covered]}


def test_of_a_cube_seen_straight_on_only_the_near_side_is_seen() -> None:
    seen = drawn(CORNERS * 8 + 4)
    assert side_of_cube(seen) == {NEAR}
    assert seen.covered.sum() == 64
    assert seen.covered[4:12, 4:12].all()


def test_from_within_a_cube_drawn_from_both_sides_the_nearest_still_wins() -> None:
    behind = CORNERS * [1, 1, -1] * 8 + 4
    assert side_of_cube(drawn(behind.astype(np.float32), both_sides=True)) == {FAR}
    assert side_of_cube(drawn((CORNERS * 8 + 4), both_sides=True)) == {NEAR}


def test_values_of_corners_are_mixed_by_where_a_pixel_is() -> None:
    points = CORNERS * 8 + 4
    at = drawn(points).interpolate(CUBE, points)
    rows, columns = np.nonzero(drawn(points).covered)
    assert at[:, 0] == pytest.approx(columns + 0.5)
    assert at[:, 1] == pytest.approx(rows + 0.5)
    assert at[:, 2] == pytest.approx(12)


def test_what_sticks_out_of_the_picture_is_cut_off() -> None:
    seen = drawn(CORNERS * 64 - 20)
    assert side_of_cube(seen) == {NEAR}
    assert seen.covered.all()
    assert not drawn(CORNERS * 8 + 40).covered.any()
    assert (drawn(CORNERS * 8 - 40).triangle == NOTHING).all()
