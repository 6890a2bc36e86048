"""The detectors side by side: MTCNN as the product's own are, the counting, and the command."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer

from calmloop.base.errors import ConfigurationError, InputError
from calmloop.face_detector import Detection, Gray, Square
from calmloop.papers.detectors.commands import detectors
from calmloop.papers.detectors.measure import Contender, compare, contenders, overlap
from calmloop.papers.detectors.mtcnn import Mtcnn
from calmloop.papers.detectors.pictures import (
    EMPTY,
    HEIGHT_PX,
    WIDTH_PX,
    PictureRecipe,
    ShownPicture,
    clip_pictures,
    drawn_children,
    empty_pictures,
)
from calmloop.papers.detectors.table import as_plain, table

GRAY = np.full((HEIGHT_PX, WIDTH_PX), 90, np.uint8)
FACE = Square(100.0, 100.0, 60.0)


@pytest.fixture(scope="module")
def assets(shared_dir: Path) -> Path:
    return shared_dir / "data" / "mpfb-cc0"


@pytest.fixture(scope="module")
def yunet(shared_dir: Path) -> Path:
    return shared_dir / "data" / "models" / "yunet_n_320_320.onnx"


def child_of(assets: Path, size_px: int, yaw_deg: int = 0) -> ShownPicture:
    recipe = PictureRecipe(
        children=1,
        sizes_px=(size_px,),
        yaws_deg=(yaw_deg,) if yaw_deg else (),
        rolls_deg=(),
        turned_px=size_px,
    )
    return list(drawn_children(recipe, assets))[-1]


def test_mtcnn_finds_a_drawn_child_where_it_is(assets: Path) -> None:
    picture = child_of(assets, 96)
    assert picture.face is not None
    (face,) = Mtcnn().detect(picture.gray, 20, HEIGHT_PX)
    assert face.sure
    assert overlap(face.square, picture.face) > 0.6
    assert face.square.distance(picture.face) < 0.15
    assert abs(face.roll_deg) < 10
    assert face.landmarks is not None
    (left_eye, right_eye, *_), middle = face.landmarks, picture.face
    assert left_eye[0] < middle.x < right_eye[0]


def test_mtcnn_keeps_to_the_bounds_and_sees_nothing_where_nothing_is(assets: Path) -> None:
    mtcnn, gray = Mtcnn(), child_of(assets, 96).gray
    assert mtcnn.detect(gray, 20, 60) == []
    assert mtcnn.detect(gray, 150, HEIGHT_PX) == []
    assert mtcnn.detect(GRAY, 20, HEIGHT_PX) == []
    assert mtcnn.detect(GRAY[:12, :12], 20, HEIGHT_PX) == []


def test_the_true_square_is_where_the_products_detectors_have_it(assets: Path, yunet: Path) -> None:
    """A square of the drawing that were framed otherwise would make all of them miss."""
    picture = child_of(assets, 96)
    assert picture.face is not None
    for one in contenders(yunet):
        assert max(overlap(face.square, picture.face) for face in one.faces(picture)) > 0.6


def test_children_are_the_same_in_each_row_and_for_each_seed(assets: Path) -> None:
    recipe = PictureRecipe(
        children=2, sizes_px=(32, 96), yaws_deg=(40,), rolls_deg=(20,), turned_px=48
    )
    once, again = (list(drawn_children(recipe, assets)) for _ in range(2))
    assert [(one.series, one.value) for one in once] == 2 * [
        ("size", "32 px"),
        ("size", "96 px"),
        ("yaw", "40°"),
        ("roll", "20°"),
    ]
    assert [one.face.side for one in once[:4] if one.face] == [32, 96, 48, 48]
    for one, other in zip(once, again, strict=True):
        np.testing.assert_array_equal(one.gray, other.gray)
        assert one.gray.shape == (HEIGHT_PX, WIDTH_PX)
        assert one.face == other.face
        assert one.face is not None
        assert 0 <= one.face.left < WIDTH_PX - one.face.side
        assert 0 <= one.face.top < HEIGHT_PX - one.face.side


def test_each_kind_without_a_face_comes_as_often() -> None:
    pictures = list(empty_pictures(PictureRecipe(empty=2)))
    assert [one.value for one in pictures] == [kind for kind in EMPTY for _ in range(2)]
    assert all(one.face is None and one.gray.shape[0] == HEIGHT_PX for one in pictures)


class Says:
    """A detector that says the same of every picture."""

    name = "says"
    rolls_deg: tuple[float, ...] = (0.0, 22.0)
    is_divisible = False

    def __init__(self, *squares: Square, sure: bool = True) -> None:
        self._faces = [Detection(square, 0.9, sure, 1.0) for square in squares]
        self.asked: list[float] = []

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        self.asked.append(roll_deg)
        return self._faces


def counted(detector: Says, picture: ShownPicture) -> tuple[int, int, int]:
    several = [Contender("it", detector, detector.rolls_deg)]
    (count,) = compare(several, [picture]).counts["it"].values()
    return count.pictures, count.seen, count.found


def test_only_a_sure_face_in_its_place_is_found() -> None:
    picture = ShownPicture(GRAY, "size", "60 px", FACE)
    assert counted(Says(FACE), picture) == (1, 1, 1)
    assert counted(Says(FACE, sure=False), picture) == (1, 0, 0)
    assert counted(Says(FACE.moved(30, 0)), picture) == (1, 1, 0)
    assert counted(Says(Square(100, 100, 100)), picture) == (1, 1, 0)
    assert counted(Says(FACE.moved(90, 0), FACE.moved(5, 0)), picture) == (1, 1, 1)
    assert counted(Says(), picture) == (1, 0, 0)


def test_every_tilt_is_asked_for_and_its_time_counts() -> None:
    detector = Says()
    compared = compare([Contender("it", detector, (0.0, 22.0))], [ShownPicture(GRAY, "clip", "a")])
    assert detector.asked == [0.0, 22.0]
    assert len(compared.times_ms["it"]) == 1


def test_the_overlap_of_squares() -> None:
    assert overlap(FACE, FACE) == pytest.approx(1.0)
    assert overlap(FACE, FACE.moved(60, 0)) == 0.0
    assert overlap(FACE, FACE.moved(30, 0)) == pytest.approx(1 / 3)
    assert overlap(FACE, Square(100, 100, 30)) == pytest.approx(1 / 4)


def test_a_face_is_false_only_where_none_is() -> None:
    empty = ShownPicture(GRAY, "empty", "noise")
    missed = ShownPicture(GRAY, "size", "60 px", FACE.moved(100, 0))
    several = [Contender("it", Says(FACE), (0.0,)), Contender("other", Says(), (0.0,))]
    compared = compare(several, [empty, empty, missed])
    text = table(compared)
    assert "| no face noise | 2 | 100 % (34–100) | 0 % (0–66) |" in text
    assert "| frontal, face of 60 px | 1 | 0 % (0–79) | 0 % (0–79) |" in text
    noise = as_plain(compared)["it"]["rows"][0]
    assert {key: noise[key] for key in ("series", "of", "pictures", "share")} == {
        "series": "empty",
        "of": "noise",
        "pictures": 2,
        "share": 1.0,
    }


def test_clips_are_shown_frame_by_frame_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no \.mp4"):
        list(clip_pictures(tmp_path, 2))
    writer = cv2.VideoWriter(
        str(tmp_path / "a.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 10, (640, 480)
    )
    for _ in range(5):
        writer.write(np.zeros((480, 640, 3), np.uint8))
    writer.release()
    frames = list(clip_pictures(tmp_path, 2))
    assert [(one.value, one.gray.shape) for one in frames] == 3 * [("a.mp4", (240, 320))]
    (tmp_path / "b.mp4").write_bytes(b"no video")
    with pytest.raises(InputError, match=r"b\.mp4 cannot be read as a video"):
        list(clip_pictures(tmp_path, 2))


def test_another_file_than_yunets_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"no network")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        contenders(tmp_path / "a.onnx")


def test_the_command_goes_from_the_assets_to_the_table(
    assets: Path, yunet: Path, tmp_path: Path
) -> None:
    detectors(tmp_path, yunet, assets, children=2, empty=2, seed=1)
    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert "| | pictures | Viola-Jones | Viola-Jones, 3 tilts | YuNet | MTCNN |" in text
    said = json.loads((tmp_path / "detectors.json").read_text(encoding="utf-8"))
    rows = {(row["series"], row["of"]): row["share"] for row in said["detectors"]["MTCNN"]["rows"]}
    assert rows["size", "96 px"] == 1.0
    assert ("empty", "noise") in rows
    assert said["recipe"]["seed"] == 1
    assert all(one["cpu_ms"] > 0 for one in said["detectors"].values())


def test_a_command_without_pictures_says_what_to_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        detectors(tmp_path)
    assert "name --assets" in capsys.readouterr().err
