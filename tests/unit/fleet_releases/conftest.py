"""A fleet for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.fleet_releases.fleet_rig import Fleet
from tests.unit.fleet_releases.repository_rig import serving


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path)
    with serving(fleet.served) as url:
        fleet.url = url
        yield fleet
