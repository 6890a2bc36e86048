"""LABELS.csv: nothing that an expert said is lost, and nothing of another clip is touched."""

import os
from pathlib import Path

import pytest

from calmloop.agreement.answers import read_answers
from calmloop.contract.messages.emotion import Label
from calmloop.labelling.store import ExpertAnswer, LabelsError, LabelStore

ITEMS = ["a, b.mp4@0.00-2.00", "a, b.mp4@2.00-4.00", "a, b.mp4@4.00-6.00"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "anna.csv"


def test_each_answer_is_in_the_file_at_once_in_the_clips_order(path: Path) -> None:
    store = LabelStore(path, ITEMS)
    assert path.read_text() == "item,label\n"
    store.give(2, ExpertAnswer.POSITIVE)
    assert path.read_text() == 'item,label\n"a, b.mp4@4.00-6.00",positive\n'
    store.give(0, ExpertAnswer.NEGATIVE)
    store.give(1, ExpertAnswer.UNSURE)
    assert [row.rpartition(",")[2] for row in path.read_text().split()[1:] if "@" in row] == [
        "negative",
        "unsure",
        "positive",
    ]
    assert [entry.name for entry in path.parent.iterdir()] == ["anna.csv"]


def test_agree_reads_it(path: Path) -> None:
    store = LabelStore(path, ITEMS)
    store.give(0, ExpertAnswer.NEUTRAL)
    store.give(1, ExpertAnswer.UNSURE)
    answers = read_answers(path)
    assert answers.by_item == {ITEMS[0]: Label.NEUTRAL}
    assert answers.unsure == {ITEMS[1]}


def test_a_later_run_goes_on(path: Path) -> None:
    LabelStore(path, ITEMS).give(1, ExpertAnswer.NEUTRAL)
    later = LabelStore(path, ITEMS)
    assert later.answers() == [None, ExpertAnswer.NEUTRAL, None]
    assert later.undo() is None
    later.give(0, ExpertAnswer.POSITIVE)
    assert LabelStore(path, ITEMS).answers() == [ExpertAnswer.POSITIVE, ExpertAnswer.NEUTRAL, None]


def test_undo_takes_back_one_answer_after_the_other(path: Path) -> None:
    store = LabelStore(path, ITEMS)
    store.give(0, ExpertAnswer.NEGATIVE)
    store.give(1, ExpertAnswer.POSITIVE)
    store.give(0, ExpertAnswer.NEUTRAL)
    assert store.undo() == 0
    assert LabelStore(path, ITEMS).answers() == [ExpertAnswer.NEGATIVE, ExpertAnswer.POSITIVE, None]
    assert (store.undo(), store.undo(), store.undo()) == (1, 0, None)
    assert path.read_text() == "item,label\n"


def test_a_file_saved_by_a_spreadsheet_is_read(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(f'\ufeffitem,label\r\n"{ITEMS[0]}",positive\r\n'.encode())
    assert LabelStore(path, ITEMS).answers()[0] is ExpertAnswer.POSITIVE


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("item,label\nother.mp4@0.00-2.00,positive\n", "line 2: 'other.mp4@0.00-2.00' is no seg"),
        (f'item,label\n"{ITEMS[0]}",happy\n', "is not an item and one of negative, neutral"),
        (f'item,label\n"{ITEMS[0]}"\n', "line 2"),
        (f'item,prediction\n"{ITEMS[0]}",positive\n', "has not the columns item,label: name an"),
        ("item,label,remark\n", "has not the columns"),
        ("", "has not the columns"),
    ],
)
def test_a_file_of_something_else_is_refused_and_kept(
    path: Path, text: str, complaint: str
) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(LabelsError) as refusal:
        LabelStore(path, ITEMS)
    assert complaint in str(refusal.value)
    assert path.read_text() == text


def test_what_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, complaint in (
        (tmp_path, "is no plain file"),
        (Path(os.devnull), "is no plain file"),
        (tmp_path / "file" / "labels.csv", "cannot be written"),
    ):
        with pytest.raises(LabelsError, match=complaint):
            LabelStore(path, ITEMS)


def test_an_answer_that_cannot_be_written_changes_nothing(path: Path) -> None:
    store = LabelStore(path, ITEMS)
    store.give(0, ExpertAnswer.NEGATIVE)
    before = path.read_text()
    # A folder in the way of the partial file fails for every user, root too.
    (path.parent / f".{path.name}.partial").mkdir()
    with pytest.raises(LabelsError, match="cannot be written"):
        store.give(1, ExpertAnswer.POSITIVE)
    with pytest.raises(LabelsError, match="cannot be written"):
        store.undo()
    assert store.answers() == [ExpertAnswer.NEGATIVE, None, None]
    assert path.read_text() == before
    (path.parent / f".{path.name}.partial").rmdir()
    assert store.undo() == 0


def test_a_file_that_another_program_changed_is_not_overwritten(path: Path) -> None:
    first, second = LabelStore(path, ITEMS), LabelStore(path, ITEMS)
    second.give(0, ExpertAnswer.POSITIVE)
    with pytest.raises(LabelsError, match="was changed by another program: end this one"):
        first.give(0, ExpertAnswer.NEGATIVE)
    assert LabelStore(path, ITEMS).answers()[0] is ExpertAnswer.POSITIVE


def test_a_file_that_has_gone_is_written_again(path: Path) -> None:
    store = LabelStore(path, ITEMS)
    store.give(0, ExpertAnswer.POSITIVE)
    path.unlink()
    store.give(1, ExpertAnswer.NEUTRAL)
    assert LabelStore(path, ITEMS).answers() == [ExpertAnswer.POSITIVE, ExpertAnswer.NEUTRAL, None]
