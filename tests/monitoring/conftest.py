"""All here needs Debian's Prometheus."""

import pytest

from tests.monitoring.prometheus import PROGRAMS


@pytest.fixture(autouse=True)
def _is_there() -> None:
    if not (PROGRAMS / "prometheus").exists():
        pytest.fail("Prometheus is not here: run `tools/setup.sh monitoring`")
