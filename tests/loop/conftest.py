"""A whole running system, shared by the tests of one module."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from calmloop.demo.run import Demo, running_demo
from calmloop.demo.stack import StackOptions

StartDemo = Callable[..., AbstractContextManager[Demo]]


@pytest.fixture(scope="module")
def start_demo(tmp_path_factory: pytest.TempPathFactory) -> StartDemo:
    """Starts a system whose services are ready; no session runs yet."""

    @contextmanager
    def start(**options: object) -> Iterator[Demo]:
        folder: Path = tmp_path_factory.mktemp("loop")
        chosen = {"source": "sim", "baseline_s": 2.0, **options}
        with running_demo(StackOptions(**chosen), folder, seconds=0.0) as demo:  # type: ignore[arg-type]
            yield demo

    return start


@pytest.fixture(scope="module")
def running(start_demo: StartDemo) -> Iterator[Demo]:
    """A system before a calm child."""
    with start_demo(settings={"CAMERA__SIM_MOOD": "neutral"}) as demo:
        yield demo
