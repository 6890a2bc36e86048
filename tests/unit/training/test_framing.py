import os
from pathlib import Path

import numpy as np
import pytest

from calmloop.training.data.faces import Usage
from calmloop.training.data.readers import load_faces
from calmloop.training.export.framing import (
    CANVAS_SIDE_PX,
    ENLARGED_SIDE_PX,
    NoFaceFoundError,
    measure_framing,
    on_canvas,
)

REPOSITORY = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("CALMLOOP_SHARED_DIR", REPOSITORY.parent / "shared"))


def test_the_picture_sits_in_the_middle_of_a_canvas_that_goes_on_beyond_it() -> None:
    picture = np.full((48, 48), 90, np.uint8)
    picture[20:28, 20:28] = 250
    canvas = on_canvas(picture)
    middle = CANVAS_SIDE_PX // 2
    assert canvas.shape == (CANVAS_SIDE_PX, CANVAS_SIDE_PX)
    assert canvas[middle, middle] > 240
    rows = np.flatnonzero((canvas > 170).any(axis=1))
    assert np.ptp(rows) + 1 == pytest.approx(8 * ENLARGED_SIDE_PX / 48, abs=6)
    assert canvas[0, 0] == canvas[0, -1] == 90


def test_pictures_without_a_face_are_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)
    with pytest.raises(NoFaceFoundError, match="finds no face in 5 pictures"):
        measure_framing(noise)


@pytest.mark.slow
def test_fer_faces_fill_about_a_viola_jones_box() -> None:
    folder = SHARED / "data" / "fer2013"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    faces = load_faces(folder).part(Usage.TRAINING).images[:80]
    framing = measure_framing(faces)
    assert framing.faces_found >= 40
    assert framing.box_scale == pytest.approx(1.0, abs=0.1)
    assert abs(framing.dx) < 0.05
    assert abs(framing.dy) < 0.05
