"""What the page shows of an event: how the chair is, and nothing of a child."""

from typing import Any

import pytest

from calmloop.contract.messages.fleet import FleetItem, FleetItemKind
from calmloop.fleet_ingest.shown import ALARM, CHAIR, INSTALLED, MAX_NAME, SERVICE, shown_of

CHILD = "fedcba9876543210"


def event(what: str, **data: Any) -> FleetItem:
    return FleetItem(
        seq=1, kind=FleetItemKind.EVENT, child=CHILD, session="s-1", what=what, data=data
    )


def test_versions_and_calibration_come_with_a_session_and_nothing_else_of_it() -> None:
    services = {"camera": "0.1.0"}
    ran = {"services": services, "firmware": "1.2", "calibration": "measured", "scenario": "s"}
    shown = {(one.what, one.name): one.data for one in shown_of(event("session_started", **ran))}
    assert shown == {
        (INSTALLED, ""): {"services": services, "firmware": "1.2"},
        (INSTALLED, "calibration"): {"calibration": "measured"},
    }


@pytest.mark.parametrize(
    ("what", "data", "where"),
    [
        ("service", {"service": "camera", "healthy": False}, (SERVICE, "camera")),
        ("alarm", {"kind": "chair-fault", "active": True}, (ALARM, "chair-fault")),
        ("chair", {"mode": "fault", "inputs": []}, (CHAIR, "")),
    ],
)
def test_how_a_chair_is(what: str, data: dict[str, Any], where: tuple[str, str]) -> None:
    (one,) = shown_of(event(what, **data))
    assert (one.what, one.name) == where
    assert CHILD not in str(one)


@pytest.mark.parametrize("kind", ["distress", "question", "seat-empty"])
def test_an_alarm_about_a_child_is_not_shown(kind: str) -> None:
    assert list(shown_of(event("alarm", kind=kind, active=True))) == []


@pytest.mark.parametrize("what", ["rating", "change", "distress", "session_ended", ""])
def test_what_is_of_a_session_is_not_shown(what: str) -> None:
    assert list(shown_of(event(what, value=3))) == []


@pytest.mark.parametrize("odd", [[], {"a": []}, None, 3, "x" * 1000, "a\0b"])
def test_a_chair_that_says_something_odd_stops_no_worker(odd: Any) -> None:
    for what, key in (("alarm", "kind"), ("service", "service"), ("chair", "mode")):
        (one,) = shown_of(event(what, **{key: odd}))
        assert len(one.name) <= MAX_NAME
        assert "\0" not in one.name
