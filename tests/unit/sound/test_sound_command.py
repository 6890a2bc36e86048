"""`calmloop sound`: what it renders, lists, draws and plays, and what it says of the rest."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calmloop.base.errors import DeviceError
from calmloop.base.track_audio import LoadedTrack, Pcm, load
from calmloop.base.tracks import RATE_HZ, TrackLibrary
from calmloop.sound import command
from calmloop.sound.playing import BLOCK_FRAMES, FADE_S, faded, play
from calmloop.soundscapes import catalogue
from tests.unit.sound.conftest import SECONDS, Run

SHORT = replace(catalogue.BY_NAME["brown-noise"], duration_s=SECONDS)


@pytest.fixture
def two_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two soundscapes of a few seconds in place of those that ship."""
    scapes = (SHORT, replace(SHORT, name="drone", title="Drone", seed=2))
    monkeypatch.setattr(command, "SOUNDSCAPES", scapes)
    monkeypatch.setattr(command, "BY_NAME", {scape.name: scape for scape in scapes})


@pytest.mark.usefixtures("two_short")
def test_what_is_missing_is_rendered_and_what_is_there_left(
    calmloop: Run, library: TrackLibrary
) -> None:
    assert "2 rendered, 0 were there" in calmloop("render").output
    track = load(library, "brown-noise")
    assert track.sidecar.source == SHORT.source
    assert track.sidecar.frames == SECONDS * RATE_HZ
    assert "0 rendered, 2 were there" in calmloop("render").output
    assert "1 rendered, 0 were there" in calmloop("render", "drone", "--anew").output
    assert np.array_equal(load(library, "brown-noise").samples, track.samples)


@pytest.mark.usefixtures("two_short")
def test_what_is_damaged_or_of_another_version_is_rendered_anew(
    calmloop: Run, library: TrackLibrary
) -> None:
    calmloop("render")
    path = library.audio_path("drone")
    path.write_bytes(path.read_bytes()[:-100])
    sidecar = library.sidecar_path("brown-noise")
    sidecar.write_text(sidecar.read_text().replace("soundscapes 1", "soundscapes 0"))
    assert "2 rendered, 0 were there" in calmloop("render").output
    assert load(library, "drone").sidecar.title == "Drone"


@pytest.mark.usefixtures("two_short")
def test_a_person_s_own_track_is_not_written_over(calmloop: Run, library: TrackLibrary) -> None:
    for suffix in (".flac", ".json"):
        (library.folder / f"mine{suffix}").rename(library.folder / f"drone{suffix}")
    sidecar = library.sidecar_path("drone")
    sidecar.write_text(sidecar.read_text().replace('"mine"', '"drone"'))
    done = calmloop("render")
    assert done.exit_code == 2
    assert "drone: a track of your own has the name of a soundscape" in done.output
    assert library.names() == ["drone"]


def test_a_soundscape_that_nobody_knows_is_told_with_those_there_are(calmloop: Run) -> None:
    done = calmloop("render", "waves")
    assert done.exit_code == 2
    assert "no soundscape is called waves: there are surf, rain-soft" in done.output


def test_a_folder_that_cannot_be_is_named(calmloop: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = calmloop("render", "brown-noise", "--folder", tmp_path / "file")
    assert done.exit_code in (1, 2)
    assert str(tmp_path / "file") in done.output.replace("\n", "")


def test_tracks_are_listed_with_their_figures(calmloop: Run) -> None:
    done = calmloop("list", "--check")
    assert done.exit_code == 0
    line = next(line for line in done.output.splitlines() if "mine" in line)
    for part in ("Mine", "CC0-1.0", "-23.0", "loop"):
        assert part in line


def test_a_track_that_cannot_be_used_is_listed_with_its_fault(
    calmloop: Run, library: TrackLibrary
) -> None:
    library.audio_path("mine").write_bytes(b"no sound")
    assert calmloop("list").exit_code == 0, "its sidecar is good"
    done = calmloop("list", "--check")
    assert done.exit_code == 2
    assert "cannot be used" in done.output
    assert "is damaged or no FLAC file" in done.output


def test_a_picture_is_drawn_of_tracks(calmloop: Run, tmp_path: Path) -> None:
    out = tmp_path / "tracks.png"
    assert "1 tracks are drawn" in calmloop("draw", "--out", out).output
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.std() > 20.0
    missing = calmloop("draw", "surf", "--out", out)
    assert missing.exit_code == 2
    assert "has no track 'surf' (it has mine)" in missing.output


def test_an_empty_folder_has_nothing_to_draw(calmloop: Run, tmp_path: Path) -> None:
    done = calmloop("draw", "--out", tmp_path / "a.png", "--folder", tmp_path / "none")
    assert done.exit_code == 2
    assert "holds no track: make those that ship with `calmloop sound render`" in done.output


class Speakers:
    """Stands for PortAudio: keeps what is written."""

    class PortAudioError(Exception):
        """As the module's own."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.settings: dict[str, Any] = {}
        self.blocks: list[Pcm] = []

    def OutputStream(self, **settings: Any) -> "Speakers":
        if self.fault:
            raise self.PortAudioError(f"{self.fault}\nand more of it")
        self.settings = settings
        return self

    def __enter__(self) -> "Speakers":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def write(self, block: Pcm) -> None:
        self.blocks.append(block)

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {"name": "HDMI", "max_output_channels": 2},
            {"name": "a microphone", "max_output_channels": 0},
        ]


@pytest.fixture
def track(library: TrackLibrary) -> LoadedTrack:
    return load(library, "mine")


def test_a_loop_is_played_round_with_its_ends_faded(track: LoadedTrack, noise: Pcm) -> None:
    speakers = Speakers()
    play(track, 17.0, "2", audio=speakers)
    played = np.concatenate(speakers.blocks)
    assert speakers.settings["device"] == 2
    assert len(played) == 17 * RATE_HZ
    assert not played[0].any()
    assert not played[-1].any()
    fade = round(FADE_S * RATE_HZ)
    around = np.concatenate((noise, noise, noise))[: len(played)]
    assert np.array_equal(played[fade:-fade], around[fade:-fade])
    assert (np.abs(played) <= np.abs(around)).all()


def test_what_does_not_loop_ends_with_itself(track: LoadedTrack) -> None:
    speakers = Speakers()
    once = LoadedTrack(track.sidecar.model_copy(update={"loop": False}), track.samples)
    play(once, 17.0, audio=speakers)
    assert sum(map(len, speakers.blocks)) == SECONDS * RATE_HZ
    assert max(map(len, speakers.blocks)) == BLOCK_FRAMES
    assert not faded(once, 0, 1, 100).any()


def test_an_output_that_cannot_be_used_is_told_with_those_there_are(track: LoadedTrack) -> None:
    with pytest.raises(DeviceError) as caught:
        play(track, 1.0, "USB", audio=Speakers("no device matches"))
    assert str(caught.value) == (
        "the output USB cannot be used (no device matches): connect one, or name one with"
        " --device; there are HDMI"
    )
