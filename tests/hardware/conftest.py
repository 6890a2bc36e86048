"""The emulated chair, built once; what it measured is shown at the end of the run."""

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


@pytest.fixture(autouse=True)
def _figures(measured: Callable[[str], None]) -> Iterator[None]:
    before = len(MEASURED)
    yield
    for line in MEASURED[before:]:
        measured(line.text())
