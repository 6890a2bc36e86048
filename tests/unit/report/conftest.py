"""One log for all of these tests: it takes a moment to fill."""

from collections.abc import Iterator

import pytest

from calmloop.report.reading import LogAddress
from tests.unit.report.report_rig import log_of_k7


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogAddress]:
    """What was kept of the child k7."""
    with log_of_k7(tmp_path_factory.mktemp("reported") / "log") as address:
        yield address
