"""What of an event the page of the fleet shows: how a chair is, and nothing of a child.

The newest of each is kept beside the items, so that a page need not look through all of them.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from calmloop.contract.messages.fleet import FleetItem, FleetItemKind
from calmloop.contract.messages.safety import AlarmKind

MAX_NAME = 60
OF_A_CHILD = frozenset({AlarmKind.DISTRESS, AlarmKind.QUESTION, AlarmKind.SEAT_EMPTY})
"""Alarms for whoever is beside the chair: the page does not show them."""
INSTALLED, SERVICE, ALARM, CHAIR = "installed", "service", "alarm", "chair"
RAN_WITH = ("services", "network", "firmware")
CALIBRATED = ("calibration", "calibration_hash")


class LatestState(NamedTuple):
    """The newest of something; what it does not say stays as it was."""

    what: str
    name: str
    data: dict[str, Any]


def shown_of(item: FleetItem) -> Iterator[LatestState]:
    """What of an item is shown."""
    if item.kind is not FleetItemKind.EVENT:
        return
    if item.what in ("session_started", "session_resumed"):
        yield LatestState(INSTALLED, "", _some(item, RAN_WITH))
        yield LatestState(INSTALLED, "calibration", _some(item, CALIBRATED))
    elif item.what == "service":
        yield LatestState(SERVICE, _named(item, "service"), _some(item, ("presence", "healthy")))
    elif item.what == "alarm" and _named(item, "kind") not in OF_A_CHILD:
        yield LatestState(ALARM, _named(item, "kind"), _some(item, ("active", "severity")))
    elif item.what == "chair":
        yield LatestState(CHAIR, "", _some(item, ("mode", "fault")))


def _some(item: FleetItem, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: item.data[name] for name in names if name in item.data}


def _named(item: FleetItem, key: str) -> str:
    return str(item.data.get(key, "")).replace("\0", "")[:MAX_NAME]
