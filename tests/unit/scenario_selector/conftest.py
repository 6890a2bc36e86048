"""A room in which a session runs; files about what comes before have a room of their own."""

from pathlib import Path

import pytest

from tests.unit.scenario_selector.room import Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A session whose baseline was measured on a calm face, one cycle ago."""
    room = Room(tmp_path)
    room.start_running()
    return room
