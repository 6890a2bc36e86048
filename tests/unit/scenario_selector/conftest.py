"""A session that runs; files about what comes before have a harness of their own."""

from pathlib import Path

import pytest

from tests.unit.scenario_selector.harness import Harness


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    """A session whose baseline was measured on a calm face, one cycle ago."""
    harness = Harness(tmp_path)
    harness.start_running()
    return harness
