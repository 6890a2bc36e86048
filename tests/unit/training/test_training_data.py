from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import (
    DataError,
    Faces,
    Usage,
    soft_targets,
    split_validation,
    translate_votes,
    without_twins,
)
from calmloop.training.data.labels import FER_PLUS_COLUMNS
from calmloop.training.data.readers import load_faces
from tests.unit.training.packed_faces import pack

VOTE_HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)


def make_faces(count: int = 70, seed: int = 0) -> Faces:
    rng = np.random.default_rng(seed)
    return Faces(
        rng.integers(0, 256, (count, 48, 48), dtype=np.uint8),
        np.arange(count) % 7,
        np.full(count, Usage.TRAINING.value),
        np.tile(np.array([2, 1, 0, 3, 2, 0, 0, 1, 1, 0]), (count, 1)),
    )


def write_csv(folder: Path, rows: list[str]) -> None:
    (folder / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]) + "\n")


def row(emotion: object = 0, pixels: str | None = None, usage: str = "Training") -> str:
    return f"{emotion},{pixels or ' '.join(['7'] * 2304)},{usage}"


ALL_EMOTIONS = [row(n) for n in range(7)]


def test_csv_and_packed_file_give_the_same_faces(tmp_path: Path) -> None:
    faces = make_faces(14)
    rows = [
        row(e, " ".join(map(str, i.ravel())))
        for i, e in zip(faces.images, faces.emotion, strict=True)
    ]
    write_csv(tmp_path, rows)
    assert faces.votes is not None
    votes = [f"Training,fer{n:07d}.png," + ",".join(map(str, v)) for n, v in enumerate(faces.votes)]
    (tmp_path / "fer2013new.csv").write_text("\n".join([VOTE_HEADER, *votes]) + "\n")
    from_csv = load_faces(tmp_path)
    packed = tmp_path / "packed"
    packed.mkdir()
    pack(faces, packed)
    from_npz = load_faces(packed)
    for loaded in (from_csv, from_npz):
        assert np.array_equal(loaded.images, faces.images)
        assert np.array_equal(loaded.emotion, faces.emotion)
        assert loaded.votes is not None
        assert np.array_equal(loaded.votes, faces.votes)


def test_contact_sheets_give_the_faces_in_the_order_of_their_list(tmp_path: Path) -> None:
    faces = make_faces(7)
    tiles = np.zeros((2 * 48, 4 * 48), np.uint8)
    for n, image in enumerate(faces.images):
        top, left = n // 4 * 48, n % 4 * 48
        tiles[top : top + 48, left : left + 48] = image
    (tmp_path / "sheets").mkdir()
    cv2.imwrite(str(tmp_path / "sheets" / "a.png"), tiles)
    assert faces.votes is not None
    rows = [
        f"a,{n},{faces.emotion[n]},Training,{','.join(map(str, faces.votes[n]))}"
        for n in reversed(range(7))
    ]
    header = ",".join(["sheet", "cell", "emotion", "usage", *FER_PLUS_COLUMNS])
    (tmp_path / "labels.csv").write_text("\n".join([header, *rows]) + "\n")
    loaded = load_faces(tmp_path)
    assert np.array_equal(loaded.images, faces.images[::-1])
    assert np.array_equal(loaded.emotion, faces.emotion[::-1])
    (tmp_path / "labels.csv").write_text("\n".join([header, rows[0].replace("a,6", "a,8")]))
    with pytest.raises(DataError, match="line 2: cell 8, the sheet has 0 to 7"):
        load_faces(tmp_path)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([*ALL_EMOTIONS, row(7)], "line 9: emotion is 7, 0 to 6 is expected"),
        ([*ALL_EMOTIONS, row("sad")], "line 9: emotion is 'sad'"),
        ([*ALL_EMOTIONS, row(pixels="1 2 3")], "line 9: 3 pixels, 2304 are expected"),
        ([*ALL_EMOTIONS, row(pixels="1 x")], "line 9: a pixel is not a whole number"),
        ([row(pixels=" ".join(["256"] * 2304))], "line 2: a pixel is outside 0 to 255"),
        ([*ALL_EMOTIONS, row(usage="Test")], "line 9: usage 'Test' is unknown"),
        ([*ALL_EMOTIONS, "3"], "line 9: the row ends before its last column"),
        ([*ALL_EMOTIONS, '3,"' + "7 " * 70_000], "after line 8: no comma-separated text"),
        ([], "holds no face"),
    ],
)
def test_a_broken_file_is_refused_with_the_place_and_the_value(
    tmp_path: Path, rows: list[str], complaint: str
) -> None:
    write_csv(tmp_path, rows)
    with pytest.raises(DataError) as refusal:
        load_faces(tmp_path)
    assert complaint in str(refusal.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_bytes(b"emotion,pixels,Usage\n0,\xff\xfe,Training\n")
    with pytest.raises(DataError, match="no comma-separated text"):
        load_faces(tmp_path)


def test_an_empty_list_of_sheets_is_refused(tmp_path: Path) -> None:
    header = ",".join(["sheet", "cell", "emotion", "usage", *FER_PLUS_COLUMNS])
    (tmp_path / "labels.csv").write_text(header + "\n")
    with pytest.raises(DataError, match=r"labels\.csv holds no face"):
        load_faces(tmp_path)


def test_an_emotion_that_no_training_face_shows_is_named_before_training(tmp_path: Path) -> None:
    write_csv(tmp_path, [*ALL_EMOTIONS[:-1], row(6, usage="PrivateTest")])
    faces = load_faces(tmp_path)
    assert len(faces.part(Usage.PRIVATE_TEST)) == 1
    with pytest.raises(DataError, match="no training face shows neutral"):
        faces.to_train_on()


def test_faces_to_be_measured_need_no_training_part(tmp_path: Path) -> None:
    write_csv(tmp_path, [row(3, usage="PrivateTest"), row(4, usage="PrivateTest")])
    assert load_faces(tmp_path).part(Usage.PRIVATE_TEST).emotion.tolist() == [3, 4]


def test_votes_in_another_order_are_refused(tmp_path: Path) -> None:
    write_csv(tmp_path, [*ALL_EMOTIONS, row(usage="PublicTest")])
    votes = [f"{part},a.png,10,0,0,0,0,0,0,0,0,0" for part in ["PublicTest"] + 7 * ["Training"]]
    (tmp_path / "fer2013new.csv").write_text("\n".join([VOTE_HEADER, *votes]) + "\n")
    with pytest.raises(DataError, match=r"row 1 is of PublicTest and that of fer2013\.csv of T"):
        load_faces(tmp_path)


def test_votes_for_other_faces_are_refused(tmp_path: Path) -> None:
    write_csv(tmp_path, ALL_EMOTIONS)
    (tmp_path / "fer2013new.csv").write_text(
        f"{VOTE_HEADER}\nTraining,a.png,10,0,0,0,0,0,0,0,0,0\n"
    )
    with pytest.raises(DataError, match=r"has 1 rows and fer2013.csv beside it 7"):
        load_faces(tmp_path)


def test_a_file_without_its_columns_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds none of fer2013\.npz"):
        load_faces(tmp_path)
    (tmp_path / "fer2013.csv").write_text("emotion,Usage\n0,Training\n")
    with pytest.raises(DataError, match=r"lacks the column\(s\) pixels"):
        load_faces(tmp_path)


def test_packed_faces_of_another_size_are_refused(tmp_path: Path) -> None:
    faces = make_faces()
    pack(faces, tmp_path, images=faces.images[:, :32, :32])
    with pytest.raises(DataError, match=r"\(70, 32, 32\) uint8"):
        load_faces(tmp_path)


def test_a_damaged_packed_file_is_refused(tmp_path: Path) -> None:
    packed = pack(make_faces(), tmp_path) / "fer2013.npz"
    whole = packed.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"not packed"):
        packed.write_bytes(damaged)
        with pytest.raises(DataError, match=r"fer2013\.npz cannot be read .* pack the faces anew"):
            load_faces(tmp_path)


def test_emotions_that_are_no_whole_numbers_are_refused(tmp_path: Path) -> None:
    faces = make_faces()
    pack(faces, tmp_path, emotion=faces.emotion / 2)
    with pytest.raises(DataError, match="emotion is float64, whole numbers are expected"):
        load_faces(tmp_path)


def test_a_missing_part_is_named_with_those_there_are() -> None:
    with pytest.raises(DataError, match=r"'PublicTest'; the data have: Training"):
        make_faces().part(Usage.PUBLIC_TEST)


def test_targets_mix_votes_and_label_and_sum_to_one() -> None:
    faces = make_faces(7)
    assert faces.votes is not None
    targets = soft_targets(faces, votes_share=0.4, smoothing=0.0)
    assert targets.sum(axis=1) == pytest.approx(np.ones(7))
    translated = translate_votes(faces.votes, faces.emotion)
    assert targets == pytest.approx(0.4 * translated + 0.6 * np.eye(7), abs=1e-6)


def test_votes_mean_what_the_labels_of_the_faces_say() -> None:
    anger, sadness = FER_PLUS_COLUMNS.index("anger"), FER_PLUS_COLUMNS.index("sadness")
    votes = np.zeros((4000, len(FER_PLUS_COLUMNS)), np.int64)
    votes[:2000, anger], votes[2000:, sadness] = 10, 10
    labels = np.repeat([EMOTIONS.index("angry"), EMOTIONS.index("fear")], 2000)
    angry, afraid = translate_votes(votes, labels)[[0, -1]]
    assert angry[EMOTIONS.index("angry")] > 0.99
    assert afraid[EMOTIONS.index("fear")] > 0.99


def test_few_faces_leave_a_vote_its_own_name() -> None:
    votes = np.zeros((1, len(FER_PLUS_COLUMNS)), np.int64)
    votes[0, FER_PLUS_COLUMNS.index("happiness")] = 10
    translated = translate_votes(votes, np.array([EMOTIONS.index("sad")]))[0]
    assert translated[EMOTIONS.index("happy")] == pytest.approx(10 / 11)


def test_a_face_without_any_vote_keeps_its_label() -> None:
    faces = make_faces(7)
    assert faces.votes is not None
    faces.votes[:] = 0
    assert np.array_equal(soft_targets(faces, 0.5, 0.0), np.eye(7, dtype=np.float32))


def test_smoothing_spreads_its_share_evenly() -> None:
    targets = soft_targets(make_faces(7), votes_share=0.0, smoothing=0.07)
    assert targets[0, 1] == pytest.approx(0.01)
    assert targets[0, 0] == pytest.approx(0.94)


def test_equal_pictures_never_sit_on_both_sides_of_the_split() -> None:
    faces = make_faces(700)
    faces.images[350:] = faces.images[:350]
    training, validation = split_validation(faces, 0.2, seed=1)
    seen = {image.tobytes() for image in training.images}
    assert not any(image.tobytes() in seen for image in validation.images)
    assert len(training) + len(validation) == 700
    assert np.bincount(validation.emotion).tolist() == [20] * 7


def test_the_split_follows_its_seed() -> None:
    faces = make_faces(700)
    first, again, other = (split_validation(faces, 0.2, seed)[1].images for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_faces_that_are_also_elsewhere_are_left_out() -> None:
    faces, others = make_faces(14), make_faces(7, seed=1)
    others.images[3] = faces.images[5]
    kept = without_twins(faces, others)
    assert np.array_equal(kept.images, np.delete(faces.images, 5, axis=0))
    assert np.array_equal(kept.emotion, np.delete(faces.emotion, 5))
    with pytest.raises(DataError, match="all 14 faces are also among the others"):
        without_twins(faces, faces)
