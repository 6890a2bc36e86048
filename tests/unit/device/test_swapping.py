"""A restore that a power cut ends at any point is finished afterwards, and loses nothing."""

import os
from pathlib import Path

import pytest

from calmloop.device.swapping import Exchange, finish, swap

NAMES = ("one", "two", "new only")


def laid_out(folder: Path) -> tuple[list[Exchange], Path]:
    """Two that take another's place, and one whose place is empty."""
    for name in NAMES:
        (folder / f"{name}.new").write_text(f"new {name}")
        if name != "new only":
            (folder / name).write_text(f"old {name}")
    return [
        Exchange(new=folder / f"{n}.new", place=folder / n, aside=folder / f"{n}.old")
        for n in NAMES
    ], folder / "journal"


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


DONE = {name: f"new {name}" for name in NAMES} | {"one.old": "old one", "two.old": "old two"}


def test_all_are_exchanged_and_the_old_is_kept(tmp_path: Path) -> None:
    swap(*laid_out(tmp_path))
    assert texts(tmp_path) == DONE
    assert not finish(tmp_path / "journal")


@pytest.mark.parametrize("renames", range(6))
def test_a_power_cut_at_any_point_is_made_up_for(tmp_path: Path, renames: int) -> None:
    """0: with the journal written; then after each rename; 5: before the journal is gone."""
    exchanges, journal = laid_out(tmp_path)
    child = os.fork()
    if child == 0:
        _die_after(renames)
        swap(exchanges, journal)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert journal.exists()
    assert finish(journal)
    assert texts(tmp_path) == DONE


def _die_after(renames: int) -> None:
    left, rename, unlink = [renames], Path.rename, Path.unlink

    def move(path: Path, to: Path) -> Path:
        if left[0] == 0:
            os._exit(9)
        left[0] -= 1
        return rename(path, to)

    def remove(path: Path, missing_ok: bool = False) -> None:
        if path.name == "journal":
            os._exit(9)
        unlink(path, missing_ok)

    Path.rename, Path.unlink = move, remove  # type: ignore[method-assign,assignment]


def test_what_cannot_be_exchanged_leaves_all_as_it_was(tmp_path: Path) -> None:
    exchanges, journal = laid_out(tmp_path)
    (tmp_path / "two.old").write_text("another's")
    before = texts(tmp_path)
    with pytest.raises(FileExistsError):
        swap(exchanges, journal)
    assert texts(tmp_path) == before
