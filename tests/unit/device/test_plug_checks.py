"""What is plugged in is looked at, and never opened."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from calmloop.chair_usb import KNOWN_USB_IDS
from calmloop.device.finding import Grade
from calmloop.device.plug_checks import PORT, SOURCE, check_camera, check_serial, check_sound
from tests.unit.device.rig import DeviceRig, graded, listening


@pytest.fixture
def node() -> Iterator[Path]:
    """A character device of this test's own."""
    ours, other = os.openpty()
    os.fchmod(other, 0o660)
    yield Path(os.ttyname(other))
    os.close(ours)
    os.close(other)


def plugged(node: Path) -> ListPortInfo:
    """A chair's board at that node."""
    port = ListPortInfo(str(node))
    port.vid, port.pid = min(KNOWN_USB_IDS)
    return port


def test_a_camera_whose_group_is_the_containers_is_good(rig: DeviceRig, node: Path) -> None:
    group = str(node.stat().st_gid)
    deployment = rig.deployment(**{SOURCE: str(node), "VIDEO_GID": group})
    assert graded(check_camera(rig.machine(root=Path("/")), deployment), "camera")[0] is Grade.GOOD


def test_a_camera_of_another_group_says_what_to_write(rig: DeviceRig, node: Path) -> None:
    deployment = rig.deployment(**{SOURCE: str(node), "VIDEO_GID": "60001"})
    grade, told = graded(check_camera(rig.machine(root=Path("/")), deployment), "camera")
    assert (grade, f"VIDEO_GID={node.stat().st_gid}" in told) == (Grade.WRONG, True)


def test_a_camera_that_its_group_may_not_open_is_wrong(rig: DeviceRig, node: Path) -> None:
    node.chmod(0o600)
    group = str(node.stat().st_gid)
    deployment = rig.deployment(**{SOURCE: str(node), "VIDEO_GID": group})
    grade, told = graded(check_camera(rig.machine(root=Path("/")), deployment), "camera")
    assert (grade, "udev" in told) == (Grade.WRONG, True)


def test_a_camera_that_is_away_is_told_from_a_folder_in_its_place(rig: DeviceRig) -> None:
    (rig.root / "dev").mkdir()
    deployment = rig.deployment()
    assert (
        "/dev/video0 is not there" in graded(check_camera(rig.machine(), deployment), "camera")[1]
    )
    (rig.root / "dev/video0").mkdir()
    assert "is no device" in graded(check_camera(rig.machine(), deployment), "camera")[1]


def test_a_stream_answers_or_does_not_and_shows_no_password(rig: DeviceRig) -> None:
    with listening() as port:
        deployment = rig.deployment(**{SOURCE: f"rtsp://me:hidden@127.0.0.1:{port}/live"})
        assert graded(check_camera(rig.machine(), deployment), "camera")[0] is Grade.GOOD
    grade, told = graded(check_camera(rig.machine(), deployment), "camera")
    assert (grade, "hidden" in told) == (Grade.WRONG, False)
    broken = rig.deployment(**{SOURCE: "rtsp://me:hidden@[::bad/live"})
    grade, told = graded(check_camera(rig.machine(), broken), "camera")
    assert (grade, "hidden" in told) == (Grade.WRONG, False)


def test_what_is_simulated_is_not_looked_for(rig: DeviceRig) -> None:
    deployment = rig.deployment(COMPOSE_PROFILES="sim,sound-sim")
    for check in (check_camera, check_serial, check_sound):
        grades = {finding.grade for finding in check(rig.machine(), deployment)}
        assert grades == {Grade.UNUSED}


def test_the_one_board_with_a_chairs_usb_id_is_found(rig: DeviceRig, node: Path) -> None:
    machine = rig.machine(root=Path("/"), comports=lambda: [plugged(node)])
    deployment = rig.deployment(DIALOUT_GID=str(node.stat().st_gid))
    found = list(check_serial(machine, deployment))
    assert (found[0].grade, str(node) in found[0].text) == (Grade.GOOD, True)


@pytest.mark.parametrize("count", [0, 2])
def test_no_board_or_several_are_wrong(rig: DeviceRig, node: Path, count: int) -> None:
    machine = rig.machine(comports=lambda: [plugged(node)] * count)
    found = list(check_serial(machine, rig.deployment()))
    assert [finding.grade for finding in found] == [Grade.WRONG]


@pytest.mark.parametrize("ruled", [False, True])
def test_modem_manager_is_told_unless_a_rule_keeps_it_away(rig: DeviceRig, ruled: bool) -> None:
    rig.link("/dev/ttyACM0", "/dev/null")
    rig.write("/proc/17/comm", "ModemManager")
    if ruled:
        rig.write("/etc/udev/rules.d/70-chair.rules", 'ENV{ID_MM_DEVICE_IGNORE}="1"')
    found = list(check_serial(rig.machine(), rig.deployment(**{PORT: "/dev/ttyACM0"})))
    assert any("ModemManager" in finding.text for finding in found) is not ruled


def test_sound_needs_a_node_of_its_direction(rig: DeviceRig) -> None:
    rig.link("/dev/snd/pcmC0D0p", "/dev/null")
    found = list(check_sound(rig.machine(), rig.deployment(COMPOSE_PROFILES="device,sound,voice")))
    assert [finding.grade for finding in found] == [Grade.GOOD, Grade.WRONG]
    assert "no microphone" in found[1].text
