"""The emulated chair, built once; what it measured is printed at the end of the run."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from calmloop.emulator import ensure_built, missing_packages
from tests.hardware.bench import Bench
from tests.hardware.measured import MEASURED

MakeBench = Callable[..., Bench]


@pytest.fixture(scope="session")
def _built() -> None:
    missing = missing_packages()
    if missing:
        pytest.skip(f"no emulated chair without {' '.join(missing)}: run `make emulator`")
    ensure_built()


@pytest.fixture
def make_bench(_built: None) -> Iterator[MakeBench]:
    """Makes benches, each with a folder whose path is short enough for a Unix socket."""
    with ExitStack() as stack:

        def make(**options: Any) -> Bench:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chair-"))
            return stack.enter_context(Bench(Path(folder), **options))

        yield make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A chair that has just got its power, and a link to it."""
    return make_bench()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table."""
    if MEASURED:
        terminalreporter.section("emulated chair, measured at its pins")
    for line in MEASURED:
        terminalreporter.write_line(line.text())
