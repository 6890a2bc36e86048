"""An exporter for each test."""

from collections.abc import Iterator

import pytest

from tests.unit.metrics_exporter.exporter_rig import ExporterRig, exporting


@pytest.fixture
def rig() -> Iterator[ExporterRig]:
    with exporting() as running:
        yield running
