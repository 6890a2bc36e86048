"""A service under a supervisor ends when its settings' file is another one."""

import os
from pathlib import Path

import pytest

from calmloop.base.settings_file import SettingsFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "calmloop.yaml"
    path.write_text("camera: {fps: 12}\n")
    return path


def test_what_is_left_alone_has_not_changed(path: Path) -> None:
    assert not SettingsFile(path).has_changed()
    assert not SettingsFile(path.with_name("nowhere.yaml")).has_changed()
    assert not SettingsFile(None).has_changed()


def test_a_written_a_replaced_and_a_removed_file_have_changed(path: Path) -> None:
    file = SettingsFile(path)
    path.write_text("camera: {fps: 9}\n\n")
    assert file.has_changed()
    file = SettingsFile(path)
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    status = path.stat()
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.rename(path)
    assert file.has_changed(), "the same text and time, in another file"
    file = SettingsFile(path)
    path.unlink()
    assert file.has_changed()


def test_a_file_that_appears_has_changed(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "calmloop.yaml")
    (tmp_path / "calmloop.yaml").write_text("")
    assert file.has_changed()
