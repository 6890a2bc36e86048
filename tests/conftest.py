"""Fixtures that every test may use: a real broker, and the data beside the repository."""

import contextlib
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.broker import Broker

REPOSITORY = Path(__file__).resolve().parent.parent

# The same examples each time; the environment of the training has no Hypothesis.
with contextlib.suppress(ImportError):
    from hypothesis import settings

    settings.load_profile("ci")


def pytest_collection_finish() -> None:
    """Keeps what was loaded out of the collector's sight, once nothing more comes.

    Looking through all of it stops this process for a tenth of a second, at any time, which a test
    that measures milliseconds takes for the product's.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_logs_left() -> Iterator[None]:
    """Logs that a command has set up go into the test's captured stderr, which closes with it."""
    yield
    if structlog := sys.modules.get("structlog"):
        structlog.reset_defaults()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A private Mosquitto on a free loopback port, with nothing retained."""
    if shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.fail("mosquitto is not installed: run `make setup`")
    with Broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The data beside the repository; tests that need them skip where they are missing."""
    folder = Path(os.environ.get("SHARED_DIR", REPOSITORY.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"{folder}/data is not here")
    return folder


@pytest.fixture(scope="session")
def face_landmark() -> Path:
    """MediaPipe's face_landmark.tflite: FACE_LANDMARK names it, or it is among that data."""
    folder = Path(os.environ.get("SHARED_DIR", REPOSITORY.parent / "shared"))
    usual = folder / "data" / "models" / "face_landmark.tflite"
    path = Path(os.environ.get("FACE_LANDMARK", usual))
    if not path.is_file():
        pytest.skip(f"{path} is not here: the face detector's README says how to get it")
    return path


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes a line with a measured figure, shown in a section of its own at the end of the run."""
    return lambda line: record_property("measured", line)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Shows the figures that tests measured, also those of parallel workers."""
    lines = [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "teardown"
        for key, value in report.user_properties
        if key == "measured"
    ]
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)
