"""A library with one short track, and the command."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from calmloop.base.track_audio import Pcm
from calmloop.base.tracks import TrackLibrary
from calmloop.cli.main import app
from calmloop.soundscapes.mastering import gain_db, quantised
from calmloop.soundscapes.scapes.air import brown_noise
from calmloop.soundscapes.storing import described, store
from calmloop.soundscapes.weaving import Loom

SECONDS = 8


@pytest.fixture(scope="session")
def noise() -> Pcm:
    """A loop of brown noise."""
    sound = brown_noise(Loom(SECONDS, 1))
    return quantised(sound, gain_db(sound, loop=True))


@pytest.fixture
def library(noise: Pcm, tmp_path: Path) -> TrackLibrary:
    """Holds it as `mine`."""
    library = TrackLibrary(tmp_path / "tracks")
    said = {"title": "Mine", "licence": "CC0-1.0", "source": "a test"}
    store(library, noise, described(noise, name="mine", loop=True, **said))
    return library


Run = Callable[..., Result]


@pytest.fixture
def calmloop(library: TrackLibrary, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Calls `calmloop sound` on the library."""
    monkeypatch.setenv("CALMLOOP_TRACKS_DIR", str(library.folder))
    monkeypatch.setenv("COLUMNS", "300")

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(app, ["sound", *map(str, words)])

    yield run


def step(samples: Pcm) -> float:
    """The largest from frame to frame."""
    return float(np.abs(np.diff(samples.astype(int), axis=0)).max())
