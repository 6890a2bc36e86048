"""A machine for each test."""

from pathlib import Path

import pytest

from tests.unit.device.rig import DeviceRig


@pytest.fixture
def rig(tmp_path: Path) -> DeviceRig:
    return DeviceRig(tmp_path)
