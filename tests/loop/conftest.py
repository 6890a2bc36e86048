"""A whole running system, shared by the tests of one module."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from calmloop.demo.run import Demo, running_demo
from calmloop.demo.stack import StackOptions
from calmloop.soundscapes.catalogue import SOUNDSCAPES
from tests.sound_tracks import tone, write_track

CALM_CHILD = {
    "CAMERA__SIM_MOOD": "neutral",
    "CAMERA__FPS": "8",
    "CAMERA__WIDTH_PX": "480",
    "CAMERA__HEIGHT_PX": "360",
}
"""For tests that need a child in view and look at something else: costs two thirds of the processor
that full pictures at 15 a second do."""

StartDemo = Callable[..., AbstractContextManager[Demo]]


@pytest.fixture(scope="session")
def short_tracks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a tone for each soundscape: a demo's scenarios find what they name."""
    folder = tmp_path_factory.mktemp("tracks")
    for number, scape in enumerate(SOUNDSCAPES):
        write_track(folder, scape.name, tone(100.0 + 10.0 * number, 2.0))
    return folder


@pytest.fixture(scope="module")
def start_demo(tmp_path_factory: pytest.TempPathFactory, short_tracks: Path) -> StartDemo:
    """Starts a system whose services are ready; no session runs yet."""

    @contextmanager
    def start(**options: object) -> Iterator[Demo]:
        folder: Path = tmp_path_factory.mktemp("loop")
        chosen = {"source": "sim", "baseline_s": 2.0, "warm_up_s": 0.0, "tracks": short_tracks}
        chosen |= options
        with running_demo(StackOptions(**chosen), folder, seconds=0.0) as demo:  # type: ignore[arg-type]
            yield demo

    return start


@pytest.fixture(scope="module")
def running(start_demo: StartDemo) -> Iterator[Demo]:
    """A system before a calm child."""
    with start_demo(settings=CALM_CHILD) as demo:
        yield demo
