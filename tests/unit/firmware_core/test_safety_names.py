"""SAFETY.md names the test for each hazard: every one of them is there, where it says."""

import pytest

from docs.risks import mentions, risks, scale
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


def test_each_hazard_has_a_severity_of_the_scale() -> None:
    levels = [severity for severity, _means in scale(SAFETY)]
    assert {risk.severity for risk in risks(SAFETY)} <= set(levels)
    assert [level[:2] for level in levels] == ["S1", "S2", "S3", "S4", "S5"]
    with pytest.raises(KeyError, match="S6"):
        risks(SAFETY.replace(" | S5 | ", " | S6 | "))
