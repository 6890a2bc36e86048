"""A chair of the page's, and what it said."""

from datetime import UTC, datetime, timedelta

from calmloop.fleet_page.chairs import FleetChair, Known

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def chair(name: str = "chair-7", days: float = 0.0) -> FleetChair:
    return FleetChair(name, heard=NOW - timedelta(days=days), expires=NOW + timedelta(days=300))


def known(days: float = 0.0, **data: object) -> Known:
    return Known(data, NOW, NOW - timedelta(days=days))
