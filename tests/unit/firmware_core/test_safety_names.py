"""SAFETY.md names the test for each hazard: every one of them is there, where it says."""

from docs.risks import mentions, risks
from tests.unit.firmware_core.binding import FIRMWARE

SAFETY = (FIRMWARE.parent / "SAFETY.md").read_text()


def test_every_test_that_a_table_names_exists() -> None:
    named = [mention for row in SAFETY.splitlines() for mention in mentions(row)]
    assert len(named) > 50
    assert [mention for mention in named if mention.file() is None] == []


def test_each_hazard_has_a_control_and_a_test_that_fails_when_it_breaks() -> None:
    found = risks(SAFETY)
    assert len(found) > 30
    assert [risk.hazard for risk in found if not risk.control or not risk.tests] == []
