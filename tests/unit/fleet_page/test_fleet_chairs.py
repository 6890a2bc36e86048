"""What the page says of one chair."""

from datetime import timedelta

import pytest

from calmloop.fleet_ingest.shown import ALARM, CHAIR, INSTALLED, SERVICE
from calmloop.fleet_ingest.storing import Trouble
from calmloop.fleet_page.chairs import CALIBRATED_EVERY, Known, NotStored
from tests.unit.fleet_page.known_chairs import NOW, chair, known


def test_a_chair_of_which_nothing_is_wrong_wants_nothing() -> None:
    one = chair()
    one.latest[INSTALLED]["calibration"] = known(calibration="measured", days=364)
    one.latest[SERVICE]["camera"] = known(healthy=True)
    one.latest[CHAIR][""] = known(mode="active")
    one.latest[ALARM]["chair-fault"] = known(active=False)
    assert one.wants(NOW) == []


def test_what_is_wrong_is_said() -> None:
    one = chair(days=9)
    one.expires = NOW + timedelta(days=3)
    one.latest[INSTALLED]["calibration"] = known(calibration="measured", days=366)
    one.latest[SERVICE] = {
        "camera": known(healthy=False),
        "session-log": known(presence="offline", healthy=True),
    }
    one.latest[CHAIR][""] = known(mode="fault")
    one.latest[ALARM]["chair-fault"] = known(active=True)
    one.troubles[Trouble.REFUSED] = NotStored(3, "DataError: no", NOW)
    one.troubles[Trouble.UNREADABLE] = NotStored(3, "", NOW - timedelta(days=40))
    assert one.wants(NOW) == [
        "alarm chair-fault",
        "camera not well",
        "session-log offline",
        "chair fault",
        "calibration due: the same since 2025-11-29",
        "quiet for 9 days",
        "certificate ends 2026-12-03",
        "3 items set aside: DataError: no",
    ]
    one.revoked = NOW
    assert one.wants(NOW) == []


@pytest.mark.parametrize(
    ("origin", "days", "due"),
    [
        ("measured", CALIBRATED_EVERY.days - 1, False),
        ("measured", CALIBRATED_EVERY.days + 1, True),
        ("simulated", 0, True),
        ("none", 0, True),
        ("", 0, False),
    ],
)
def test_when_a_calibration_is_due(origin: str, days: float, due: bool) -> None:
    one = chair()
    one.latest[INSTALLED]["calibration"] = known(calibration=origin, days=days)
    assert bool(one.wants(NOW)) is due


def test_versions_are_told_by_service_the_most_usual_first() -> None:
    one = chair()
    services = {"a": "0.1.0", "b": "0.2.0", "c": "0.1.0"}
    one.latest[INSTALLED][""] = known(services=services, firmware="1.2")
    assert one.versions == [("0.1.0", ["a", "c"]), ("0.2.0", ["b"])]
    assert one.firmware == "1.2"


@pytest.mark.parametrize("odd", [[], None, 3, "x", {"a": []}])
def test_a_chair_that_says_something_odd_is_shown_all_the_same(odd: object) -> None:
    one = chair()
    for what in (INSTALLED, SERVICE, ALARM, CHAIR):
        values = dict.fromkeys(("services", "firmware", "mode", "presence", "active"), odd)
        one.latest[what][""] = Known(values, NOW, NOW)
    one.latest[INSTALLED]["calibration"] = known(calibration=odd)
    assert isinstance(one.versions, list)
    assert all(isinstance(line, str) for line in one.wants(NOW))
