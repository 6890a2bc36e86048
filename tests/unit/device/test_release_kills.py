"""An update that is ended anywhere, as by kill -9 or a power cut, is ended whole afterwards."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from calmloop.device.bundle import Bundle
from calmloop.device.releasing import NotHealthyError
from tests.unit.device.release_rig import Dying, ReleasedDevice, dies

STEPS = 150
"""More than an update with its way back has; a step that is none more ends a test early."""


def work(device: ReleasedDevice, what: str, dying: Dying) -> None:
    releases = device.releases(dying.run)
    if what == "rollback":
        releases.roll_back()
        return
    bundle = Bundle.open(device.release("0.2.0"), None)
    try:
        releases.update(bundle, flashed=False)
    except NotHealthyError:
        assert what == "update that is not healthy"


def prepared(folder: Path, what: str) -> ReleasedDevice:
    device = ReleasedDevice(folder)
    device.install("0.1.0")
    if what == "rollback":
        device.update("0.2.0")
    elif what == "update that is not healthy":
        (device.state / "sick-0.2.0").touch()
    return device


def is_whole_after(folder: Path, what: str, at: Callable[[str], bool]) -> bool:
    """Ends it at a step, and starts the device as the unit does; returns whether it has one."""
    folder.mkdir()
    device = prepared(folder, what)
    died = dies(lambda dying: work(device, what, dying), device, at)
    device.later()
    releases = device.releases()
    try:
        ended = releases.carry_on()
    except NotHealthyError:
        assert what == "update that is not healthy"
        ended = None
    if ended is None:
        assert releases.why_not_healthy() == ""
    assert device.version in ("0.1.0", "0.2.0"), "folder, images and data are of one release"
    assert device.home.under_way() is None and device.runs
    if what == "update that is not healthy":
        assert device.version == "0.1.0"
    assert device.profile.read_text() == "ceiling_pct: 40\n"
    return died


def numbered(step: int) -> Callable[[str], bool]:
    steps = count()
    return lambda _: next(steps) == step


@pytest.mark.parametrize("what", ["update", "update that is not healthy", "rollback"])
@pytest.mark.parametrize("part", range(4))
@pytest.mark.slow
def test_it_is_whole_wherever_it_was_ended(tmp_path: Path, what: str, part: int) -> None:
    for step in range(part, STEPS, 4):
        if not is_whole_after(tmp_path / str(step), what, numbered(step)):
            return
    pytest.fail(f"there are more than {STEPS} steps")


@pytest.mark.parametrize(
    ("what", "step"),
    [
        ("update", "rename compose"),
        ("update", "rename compose.new"),
        ("update", "docker compose up"),
        ("update", "replace .update"),
        ("update that is not healthy", "rename compose.before"),
        ("update that is not healthy", "rename _data.new"),
        ("rollback", "rename compose"),
        ("rollback", "unlink .way-back"),
    ],
)
def test_it_is_whole_where_most_is_exchanged(tmp_path: Path, what: str, step: str) -> None:
    assert is_whole_after(tmp_path / "device", what, lambda name: name.startswith(step))
