"""`calmloop device backup` and `restore`, as a person calls them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calmloop.cli.main import app
from calmloop.device.swapping import Exchange
from tests.unit.device.backup_rig import BackedDevice, seen


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BackedDevice:
    """Without Docker: a disk in another machine."""
    (tmp_path / "programs").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    return BackedDevice(tmp_path / "device")


def calmloop(device: BackedDevice, command: str, file: Path) -> Result:
    words = ["device", command, str(file), "--compose", str(device.compose)]
    words += ["--volumes", str(device.volumes)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "300"})


def test_there_and_back(device: BackedDevice, tmp_path: Path) -> None:
    before = seen(device.folder)
    copied = calmloop(device, "backup", tmp_path / "copy")
    assert (copied.exit_code, "8 files are in" in copied.output) == (0, True)
    device.change()
    restored = calmloop(device, "restore", tmp_path / "copy")
    assert (restored.exit_code, seen(device.folder)) == (0, before)
    assert "docker compose up -d" in restored.output and ".before-" in restored.output


def test_a_restore_that_was_cut_short_is_finished_by_the_next(
    device: BackedDevice, tmp_path: Path
) -> None:
    calmloop(device, "backup", tmp_path / "copy")
    new = device.compose / ".env.new-1"
    new.write_text("TZ=Europe/Vilnius\n")
    exchange = Exchange(
        new=new, place=device.compose / ".env", aside=device.compose / ".env.before-1"
    )
    device.journal.write_text(f"[{exchange.model_dump_json()}]")
    restored = calmloop(device, "restore", tmp_path / "copy")
    assert (restored.exit_code, "cut short is finished" in restored.output) == (0, True)
    assert not device.journal.exists()


def test_a_file_that_is_no_copy_ends_with_2_and_a_device_without_volumes_too(
    device: BackedDevice, tmp_path: Path
) -> None:
    (tmp_path / "text").write_text("no copy")
    assert calmloop(device, "restore", tmp_path / "text").exit_code == 2
    assert calmloop(device, "restore", tmp_path / "missing").exit_code == 2
    device.volumes.rename(tmp_path / "gone")
    refused = calmloop(device, "backup", tmp_path / "copy")
    assert (refused.exit_code, "--volumes" in refused.output) == (2, True)
