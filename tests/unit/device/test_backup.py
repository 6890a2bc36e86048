"""What a device must not lose is copied and brought back whole, or not at all."""

import random
import resource
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from calmloop.base.errors import CalmloopError, InputError
from calmloop.base.whole_files import OutputError
from calmloop.device.archive import write_archive
from calmloop.device.kept import LEFT_OUT, VOLUMES
from calmloop.device.manifest import FORMAT
from calmloop.device.restoring import restore
from calmloop.session_log import KEYS, KeyRing
from tests.unit.device.backup_rig import BackedDevice, rewritten, seen
from tests.unit.device.rig import COMPOSE


@pytest.fixture
def device(tmp_path: Path) -> BackedDevice:
    return BackedDevice(tmp_path / "device")


@pytest.fixture
def copy(device: BackedDevice, tmp_path: Path) -> Path:
    return device.back_up(tmp_path / "copy.tar.gz")


def test_what_was_copied_comes_back_with_its_owners_and_permissions(
    device: BackedDevice, copy: Path
) -> None:
    before = seen(device.folder)
    device.change()
    changed = seen(device.folder)
    assert changed != before
    aside = device.restore(copy)
    assert seen(device.folder) == before
    profiles = device.volumes / "calmloop_profiles"
    (kept,) = (path for path in aside if path.parent == profiles)
    assert (kept / "profiles/new.yaml").read_bytes() == b"{}\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_new_device_gets_all_of_it(device: BackedDevice, copy: Path, tmp_path: Path) -> None:
    fresh = BackedDevice(tmp_path / "fresh")
    for path in fresh.folder.rglob("*"):
        if path.is_file() and path.name != "compose.yaml":
            path.unlink()
    fresh.restore(copy)
    assert seen(fresh.folder) == seen(device.folder)


def test_a_volume_that_is_not_there_is_named_and_nothing_is_written(
    device: BackedDevice, copy: Path
) -> None:
    log = device.volumes / "calmloop_log"
    log.rename(device.folder / "elsewhere")
    before = seen(device.folder)
    with pytest.raises(InputError, match=r"volumes/log.*--no-start"):
        device.restore(copy)
    assert seen(device.folder) == before


@pytest.mark.parametrize("where", [0.0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("how", ["cut", "flipped"])
def test_a_damaged_copy_is_refused_before_anything_is_written(
    device: BackedDevice, copy: Path, where: float, how: str
) -> None:
    content = bytearray(copy.read_bytes())
    at = int(len(content) * where)
    if how == "cut":
        del content[at:]
    else:
        content[at] ^= 0x55
    copy.write_bytes(content)
    device.change()
    before = seen(device.folder)
    with pytest.raises(InputError, match="nothing was written"):
        device.restore(copy)
    assert seen(device.folder) == before


def other_bytes(told: dict[str, Any]) -> None:
    told["entries"][-1]["sha256"] = "0" * 64


def of_a_newer_version(told: dict[str, Any]) -> None:
    told["version"] = "999.0.0"


def of_a_newer_format(told: dict[str, Any]) -> None:
    told |= {"format": FORMAT + 1, "something": "new"}


def named(name: str) -> Callable[[dict[str, Any]], None]:
    def rename(told: dict[str, Any]) -> None:
        told["entries"][-1]["name"] = name

    return rename


TAMPERED = {
    "other bytes": other_bytes,
    "a newer version": of_a_newer_version,
    "a newer format": of_a_newer_format,
    "an absolute path": named("/etc/cron.d/x"),
    "a path out of it": named("folder/scenarios/../../../x"),
    "another file of the folder": named("folder/compose.yaml"),
    "another volume": named("volumes/accounts/x"),
    "a folder that is not there": named("folder/tracks/x"),
    "no part": named("x"),
    "a strange key": lambda told: told["entries"][0].update(setuid=True),
    "a negative size": lambda told: told["entries"][-1].update(size=-1),
    "an entry twice": lambda told: told["entries"].append(told["entries"][-1]),
    "one entry less": lambda told: told["entries"].pop(),
    "no manifest": dict.clear,
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_copy_that_was_tampered_with_is_refused(
    device: BackedDevice, copy: Path, tmp_path: Path, what: str
) -> None:
    forged = rewritten(copy, tmp_path / "forged", TAMPERED[what])
    before = seen(tmp_path)
    with pytest.raises(InputError, match="nothing was written"):
        device.restore(forged)
    assert seen(tmp_path) == before


def test_a_link_in_the_place_of_a_file_is_refused(
    device: BackedDevice, copy: Path, tmp_path: Path
) -> None:
    def link(member: Any) -> None:
        member.type, member.linkname = b"2", "/etc/passwd"

    forged = rewritten(copy, tmp_path / "forged", member=link)
    with pytest.raises(InputError, match="nothing was written"):
        device.restore(forged)


@pytest.fixture
def small_files() -> Any:
    """Files end at 100 kB, as on a disk that is full there."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_all_as_it_was(
    device: BackedDevice, copy: Path, small_files: None
) -> None:
    device.change()
    before = seen(device.folder)
    with pytest.raises(OutputError, match="free some space"):
        device.restore(copy)
    assert seen(device.folder) == before
    assert not list(device.folder.rglob("*.before-*"))


def test_a_full_disk_leaves_no_half_copy(tmp_path: Path, small_files: None) -> None:
    part = tmp_path / "log"
    part.mkdir()
    for number in range(9):
        (part / str(number)).write_bytes(random.Random(number).randbytes(90_000))
    with pytest.raises(OutputError, match="free some space"):
        write_archive(tmp_path / "copy", {"volumes/log": part}, "chair-1")
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_what_is_neither_file_nor_folder_is_named(device: BackedDevice, tmp_path: Path) -> None:
    (device.compose / "scenarios/link.yaml").symlink_to("/etc/passwd")
    with pytest.raises(CalmloopError, match=r"link\.yaml"):
        device.back_up(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_place_that_cannot_be_exchanged_leaves_all_as_it_was(
    device: BackedDevice, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of the exchanges fails: its old has nowhere to go."""
    device.change()
    before = seen(device.folder)
    rename = Path.rename

    def fails(path: Path, to: Path) -> Path:
        if path.name == "scenarios":
            raise OSError(5, "Input/output error", str(path))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OutputError, match="Input/output"):
        device.restore(copy)
    assert seen(device.folder) == before


def test_a_child_that_was_erased_since_stays_erased(device: BackedDevice, tmp_path: Path) -> None:
    keys = device.volumes / "calmloop_log/_data" / KEYS
    ring = KeyRing(keys)
    for code in ("c7", "c8"):
        ring.make(code)
    copy = device.back_up(tmp_path / "copy")
    ring.destroy(ring.known("c7"))
    assert restore(copy, device.places, device.journal).erased == ("c7",)
    assert KeyRing(keys).codes == ("c8",)
    assert not (keys / "c7.key").exists()


def test_every_volume_of_the_deployment_is_kept_or_left_out_on_purpose() -> None:
    volumes = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["volumes"]
    assert set(volumes) == set(VOLUMES) | LEFT_OUT
