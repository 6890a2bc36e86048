"""Which of the ports is the chair's."""

import pytest
from serial.tools.list_ports_common import ListPortInfo

from calmloop.chair_link.errors import PortError
from calmloop.chair_link.port import (
    resolve,
)


def listed(device: str, vid: int, pid: int, serial_number: str) -> ListPortInfo:
    info = ListPortInfo(device)
    info.vid, info.pid, info.serial_number = vid, pid, serial_number
    return info


UNO = listed("/dev/ttyACM0", 0x2341, 0x0043, "A1")
OTHER_UNO = listed("/dev/ttyACM1", 0x2341, 0x0043, "A2")
MODEM = listed("/dev/ttyUSB0", 0x12D1, 0x1001, "M1")


@pytest.mark.parametrize("address", ["/dev/ttyACM7", "socket://chair-sim:7000", "/tmp/chair"])
def test_a_path_or_url_is_taken_as_it_is(address: str) -> None:
    assert resolve(address, comports=lambda: []) == address


def test_auto_takes_the_one_port_with_a_known_usb_id() -> None:
    assert resolve("auto", comports=lambda: [MODEM, UNO]) == "/dev/ttyACM0"


@pytest.mark.parametrize(
    ("vendor", "product", "known"),
    [
        (0x2341, 0x0243, True),  # Uno R3, newer
        (0x1A86, 0x55D4, True),  # CH9102
        (0x1A86, 0x55D3, True),  # CH343
        (0x2341, 0x0069, False),  # Uno R4 Minima: another chip
        (0x2341, 0x0058, False),  # Nano Every: another chip
    ],
)
def test_auto_knows_newer_boards_and_no_board_with_another_chip(
    vendor: int, product: int, known: bool
) -> None:
    board = listed("/dev/ttyACM2", vendor, product, "A3")
    if known:
        assert resolve("auto", comports=lambda: [MODEM, board]) == "/dev/ttyACM2"
    else:
        with pytest.raises(PortError, match="none of 2 ports fit"):
            resolve("auto", comports=lambda: [MODEM, board])


def test_auto_takes_only_ids_that_are_allowed() -> None:
    assert resolve("auto", [(0x12D1, 0x1001)], lambda: [MODEM, UNO]) == "/dev/ttyUSB0"


def test_a_serial_number_is_found_under_whatever_name() -> None:
    assert resolve("serial:A2", comports=lambda: [UNO, OTHER_UNO]) == "/dev/ttyACM1"


@pytest.mark.parametrize(
    ("address", "ports", "text"),
    [
        ("auto", [MODEM], "none of 1 ports fit"),
        ("auto", [UNO, OTHER_UNO], "/dev/ttyACM0, /dev/ttyACM1 of 2 ports fit"),
        ("serial:Z", [UNO], "none of 1 ports fit"),
    ],
)
def test_none_or_several_are_refused_with_what_is_there(
    address: str, ports: list[ListPortInfo], text: str
) -> None:
    with pytest.raises(PortError, match=text):
        resolve(address, comports=lambda: ports)
