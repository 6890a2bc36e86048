"""Each departure from MISRA C:2012 says why, and in which file unless it is everywhere."""

import re

from tests.unit.firmware_core.binding import FIRMWARE

RECORD = (FIRMWARE / "misra-deviations.txt").read_text().splitlines()
RULE = re.compile(r"[\w.-]+(:(?P<file>(avr|core)/\w+\.c))?")


def test_each_deviation_stands_under_its_reason() -> None:
    before = ""
    for line in filter(None, RECORD):
        if not line.startswith("#"):
            assert RULE.fullmatch(line), line
            assert before, f"{line} has no reason"
        before = line


def test_each_file_that_one_names_is_there() -> None:
    files = [found["file"] for line in RECORD if (found := RULE.fullmatch(line)) and found["file"]]
    assert files
    assert all((FIRMWARE / file).is_file() for file in files)
