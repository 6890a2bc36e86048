"""The camera service that shows the simulated child."""

from collections.abc import Iterator

import pytest

from tests.unit.camera.harness import Harness


@pytest.fixture
def harness() -> Iterator[Harness]:
    harness = Harness(source="sim", width_px=320, height_px=240)
    yield harness
    harness.service.close()
