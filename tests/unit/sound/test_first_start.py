"""`python -m calmloop.soundscapes`: what the sound player has rendered on its first start."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from calmloop.base.track_audio import load
from calmloop.base.tracks import RATE_HZ, TrackLibrary
from calmloop.soundscapes import __main__ as program
from calmloop.soundscapes import rendering
from calmloop.soundscapes.catalogue import BY_NAME, Soundscape

SHORT = replace(BY_NAME["brown-noise"], duration_s=12)
NAMES = ("one", "two", "three")
LOOKS = """
import os
from pathlib import Path
from calmloop.soundscapes.__main__ import yield_to_all
yield_to_all()
score = int(Path("/proc/self/oom_score_adj").read_text())
print(os.nice(0) == 19, os.sched_getscheduler(0) == os.SCHED_IDLE, score == 1000)
"""


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> TrackLibrary:
    monkeypatch.setattr(program, "SOUNDSCAPES", [replace(SHORT, name=name) for name in NAMES])
    return TrackLibrary(tmp_path / "soundscapes")


def test_all_are_rendered_into_a_folder_that_others_may_read(
    library: TrackLibrary, capsys: pytest.CaptureFixture[str]
) -> None:
    program.main(library.folder)
    assert capsys.readouterr().out.splitlines() == ["0 3", "1 3", "2 3"]
    assert sorted(library.names()) == sorted(NAMES)
    assert load(library, "two").sidecar.frames == 12 * RATE_HZ
    assert library.folder.stat().st_mode & 0o777 == 0o755
    assert library.sidecar_path("two").stat().st_mode & 0o004


def test_one_whose_tone_was_not_looked_for_is_rendered_anew(library: TrackLibrary) -> None:
    program.main(library.folder)
    path = library.sidecar_path("two")
    said = json.loads(path.read_text())
    assert said.pop("tone_hz") == []
    path.write_text(json.dumps(said))
    program.main(library.folder)
    assert library.sidecar("two").tone_hz == ()


def test_it_goes_on_where_it_was_ended(
    library: TrackLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.main(library.folder)
    kept = library.audio_path("one").stat().st_mtime_ns
    library.sidecar_path("two").unlink()
    cut = library.audio_path("three")
    os.truncate(cut, cut.stat().st_size // 2)
    rendered: list[str] = []

    def render(scape: Soundscape, to: TrackLibrary) -> None:
        rendered.append(scape.name)
        rendering.render(scape, to)

    monkeypatch.setattr(program, "render", render)
    program.main(library.folder)
    assert rendered == ["two", "three"]
    assert library.audio_path("one").stat().st_mtime_ns == kept
    assert load(library, "three").sidecar.name == "three"


@pytest.mark.slow
def test_it_takes_only_what_nobody_else_wants() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOOKS], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["True", "True", "True"]


def test_a_folder_that_cannot_be_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = subprocess.run(
        [sys.executable, "-m", "calmloop.soundscapes", str(tmp_path / "file")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 1
    assert str(tmp_path / "file") in run.stderr
    assert "Traceback" not in run.stderr
