"""A chair in a house for each test."""

import pytest

from tests.unit.home_assistant.house_rig import HouseRig


@pytest.fixture
def rig() -> HouseRig:
    running = HouseRig()
    running.turn()
    return running
