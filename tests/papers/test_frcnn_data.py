"""Which pictures are chosen, scenes made of them, and folds that share no face."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import GROUPS, Label
from calmloop.labelling.boxes import BoxedPicture, FaceBox, Size
from calmloop.labelling.yolo import write_yolo_file
from calmloop.papers.frcnn import commands
from calmloop.papers.frcnn.augment import mirrored, turned
from calmloop.papers.frcnn.compose import SceneRecipe, compose
from calmloop.papers.frcnn.imported import read_labelled
from calmloop.papers.frcnn.pictures import LabelledPicture, dealt, digest_of
from calmloop.papers.frcnn.selection import PictureCandidate, SelectionRules, select
from tests.papers.drawn_faces import drawn_faces

FEW = SceneRecipe(per_fold=30, folds=5, seed=3)


def items(candidates: list[PictureCandidate], **rules: float) -> list[str]:
    return [one.item for one in select(candidates, SelectionRules.model_validate(rules))[0]]


def test_of_a_sequence_the_strongest_frames_are_its_peaks() -> None:
    strengths = (0.0, 0.3, 0.7, 0.95, 1.0, 0.92, 0.4)
    frames = [
        PictureCandidate(
            f"f{n}",
            "happy" if strength >= 0.5 else "neutral",
            sequence="a",
            at_s=n / 10,
            strength=strength,
        )
        for n, strength in enumerate(strengths)
    ]
    assert items(frames) == ["f0", "f3", "f4", "f5"]
    assert items(frames, peaks_of_a_sequence=1) == ["f0", "f4"]
    assert items(frames, peak=0.96) == ["f0", "f4"]


def test_small_covered_and_doubtful_faces_are_left_out_and_counted() -> None:
    candidates = [
        PictureCandidate("good", "sad", agreement=0.9, face_px=80, occluded=0.0),
        PictureCandidate("small", "sad", face_px=40),
        PictureCandidate("covered", "sad", occluded=0.4),
        PictureCandidate("doubtful", "sad", agreement=0.5),
        PictureCandidate("unknown", "sad"),
    ]
    taken, left = select(candidates, SelectionRules())
    assert [one.item for one in taken] == ["good", "unknown"]
    assert left == {"low resolution": 1, "occluded": 1, "not clearly labelled": 1}


def test_a_scene_gives_so_many_of_an_emotion() -> None:
    park = [PictureCandidate(f"p{n}", "happy", scene="park") for n in range(5)]
    taken = items([*park, PictureCandidate("h", "happy", scene="hall")], most_of_a_scene=2)
    assert taken == ["p0", "p1", "h"]


def test_a_manifest_of_synthetic_children_is_chosen_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        "pictures/0.jpg,happy,96.0,0.0,",
        "pictures/1.jpg,happy,96.0,0.35,",
        "pictures/2.jpg,sad,30.0,0.0,",
    ]
    header = "picture,emotion,side_px,evidence_lost,scene"
    (tmp_path / "manifest.csv").write_text("\n".join([header, *rows]) + "\n")
    commands.select_pictures(tmp_path, tmp_path / "chosen.txt", 0.7, 20, 0.9, 3, 64.0, 0.05)
    assert (tmp_path / "chosen.txt").read_text() == "pictures/0.jpg\n"
    assert "1 of 3 pictures" in capsys.readouterr().out


def test_scenes_have_faces_of_every_group_inside_them_and_some_have_none() -> None:
    folds = compose(FEW, drawn_faces(350, 1), None)
    scenes = [scene for fold in folds for scene in fold]
    assert len(scenes) == 150
    counts = np.bincount(np.concatenate([scene.groups for scene in scenes]), minlength=3)
    assert counts.min() > 0.2 * counts.sum()
    assert 0.02 < np.mean([len(scene.groups) == 0 for scene in scenes]) < 0.25
    for scene in scenes:
        assert scene.pixels.shape == (FEW.side_px, FEW.side_px, 3)
        if len(scene.boxes):
            assert scene.boxes.min() >= 0
            assert scene.boxes.max() <= FEW.side_px
            assert (scene.boxes[:, 2:] - scene.boxes[:, :2]).min() > 0.3 * FEW.side_px


def test_the_same_seed_makes_the_same_scenes() -> None:
    faces = drawn_faces(350, 1)
    first, again = (digest_of(compose(FEW, faces, None)) for _ in range(2))
    assert first == again
    other = FEW.model_copy(update={"seed": 4})
    assert digest_of(compose(other, faces, None)) != first


def test_children_that_nobody_is_are_in_scenes(shared_dir: Path) -> None:
    assets = shared_dir / "data" / "mpfb-cc0"
    if not assets.is_dir():
        pytest.skip(f"{assets} is not here")
    recipe = FEW.model_copy(
        update={"per_fold": 4, "folds": 2, "children_per_group": 1, "empty_share": 0.0}
    )
    folds = compose(recipe, None, assets)
    assert [len(fold) for fold in folds] == [4, 4]
    assert all(len(scene.groups) for fold in folds for scene in fold)


def test_without_faces_and_children_there_is_no_scene() -> None:
    with pytest.raises(InputError, match="name --data with faces, --assets"):
        compose(FEW, None, None)


def test_boxes_go_where_the_face_goes() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    cv2.rectangle(pixels, (20, 30), (39, 49), (255, 255, 255), -1)
    box = np.array([[20, 30, 40, 50]], np.float32)
    for shown, moved in (mirrored(pixels, box), turned(pixels, box, 10.0)):
        rows, columns = np.nonzero(shown[:, :, 0] > 127)
        middle = (columns.mean() + 0.5, rows.mean() + 0.5)
        assert (moved[0, :2] + moved[0, 2:]) / 2 == pytest.approx(middle, abs=1.0)
        assert moved[0, 2:] - moved[0, :2] == pytest.approx([20, 20])


def test_labelled_pictures_are_dealt_clip_by_clip(tmp_path: Path) -> None:
    size = Size(64, 48)
    for clip in ("anna", "ben", "cleo"):
        for second in range(2):
            path = tmp_path / f"{clip}.mp4@{second}.00-{second + 1}.00.png"
            cv2.imwrite(str(path), np.full((48, 64, 3), 99, np.uint8))
            write_yolo_file(BoxedPicture(path, size, (FaceBox(8, 8, 40, 40, Label.POSITIVE),)))
    pictures = read_labelled(tmp_path)
    assert [list(GROUPS)[int(one.groups[0])] for one in pictures] == [Label.POSITIVE] * 6
    folds: list[list[LabelledPicture]] = dealt(pictures, 3, seed=1)
    assert [len({one.origin for one in fold}) for fold in folds] == [1, 1, 1]
    assert [len(fold) for fold in folds] == [2, 2, 2]
    with pytest.raises(InputError, match="are from 3 clips or folders, and 5 folds"):
        dealt(pictures, 5, seed=1)
