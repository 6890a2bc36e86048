"""SAFETY.md names the test for each hazard: every one of them is there, where it says."""

import re

from tests.unit.firmware_core.binding import FIRMWARE

SAFETY = (FIRMWARE.parent / "SAFETY.md").read_text()
TESTS = FIRMWARE.parents[1] / "tests"
FOLDERS = {
    "hardware": "hardware",
    "core": "unit/firmware_core",
    "link": "unit/chair_link",
    "watchdog": "unit/safety_watchdog",
    "selector": "unit/scenario_selector",
    "loop": "loop",
    "player": "unit/sound_player",
    "contract": "contract",
}
NAMED = re.compile(rf"\b({'|'.join(FOLDERS)}) (?=`test_)|`(test_\w+(?:\.py)?)`")


def named() -> list[tuple[str, str]]:
    """Folder and test of every mention in a table's row; the folder stands before the first one."""
    found = []
    for row in SAFETY.splitlines():
        folder = ""
        for mention in NAMED.finditer(row):
            folder = mention[1] or folder
            found += [(folder, mention[2])] if mention[2] else []
    return found


def exists(folder: str, test: str) -> bool:
    place = TESTS / FOLDERS[folder]
    if test.endswith(".py"):
        return (place / test).is_file()
    return any(f"def {test}(" in path.read_text() for path in place.glob("test_*.py"))


def test_every_test_that_the_table_names_exists() -> None:
    assert len(named()) > 50
    assert [name for name in named() if not exists(*name)] == []
