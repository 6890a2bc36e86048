"""A track, a scenario of one's own, and the command."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.base.tracks import TrackLibrary
from calmloop.cli.main import app
from calmloop.soundscapes.mastering import gain_db, quantised
from calmloop.soundscapes.storing import described, store
from calmloop.soundscapes.weaving import Loom, Pulse, band

Calmloop = Callable[..., tuple[int, str]]
SHARED = "title: T\ndescription: D.\ncontraindications: [none known]\nphases:\n"
ABRUPT = """
  - {title: Dark, duration_s: 20, vibration: {frequency_hz: 40, level_pct: 0}}
  - {title: Light, duration_s: 20, vibration: {frequency_hz: 40, level_pct: 100},
     sound: {track: mine, level_pct: 100},
     light: {level_pct: 100, colours: [{red_pct: 100, green_pct: 100, blue_pct: 100}]}}
"""


@pytest.fixture
def tracks(tmp_path: Path) -> TrackLibrary:
    """Holds `mine`: ten seconds of low noise that swell in their middle."""
    loom = Loom(10, 1)
    sound = loom.noise(band(40, 200)) * loom.upsampled(0.05 + loom.events(Pulse(3.0, 1.0), [5.0]))
    pcm = quantised(sound, gain_db(sound, loop=True))
    library = TrackLibrary(tmp_path / "tracks")
    said = {"title": "Mine", "licence": "CC0-1.0", "source": "a test"}
    store(library, pcm, described(pcm, name="mine", loop=True, **said))
    return library


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "abrupt.yaml").write_text(SHARED + ABRUPT)
    return folder


@pytest.fixture
def calmloop(tracks: TrackLibrary, own: Path, monkeypatch: pytest.MonkeyPatch) -> Calmloop:
    monkeypatch.setenv("CALMLOOP_TRACKS_DIR", str(tracks.folder))
    monkeypatch.setenv("CALMLOOP_SCENARIO_SELECTOR__SCENARIOS_DIR", str(own))

    def run(*words: str | Path) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["scenario", *map(str, words)])
        return done.exit_code, done.output

    return run
