"""The output is opened again and again, ever more seldom; the track is ready before it sounds."""

from itertools import pairwise
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.tracks import TrackError, TrackLibrary
from calmloop.sound_player.mixer import Mixer
from calmloop.sound_player.playback import MAX_RETRY_S, SoundPlayback
from calmloop.sound_player.shelf import Shelf
from tests.sound_tracks import tone, write_track
from tests.unit.sound_player.player_rig import HandFedOutput


class Steps:
    """Playback that is stepped by hand, ten times a second."""

    def __init__(self, tracks: Path) -> None:
        self.clock = ManualClock()
        self.output = HandFedOutput(self.clock)
        self.shelf = Shelf(TrackLibrary(tracks))
        self.mixer = Mixer()
        self.woken = 0
        self.playback = SoundPlayback(self.output, self.mixer, self.shelf, self.clock, self._wake)

    def run(self, seconds: float) -> list[float]:
        """When the output was opened, in seconds from now."""
        opened = []
        for number in range(round(seconds * 10)):
            before = self.output.opened
            self.playback.step()
            if self.output.is_open and self.output.asks:
                self.output.ask()
            if self.output.opened > before:
                opened.append(number / 10)
            self.clock.advance(0.1)
        return opened

    def _wake(self) -> None:
        self.woken += 1


def test_an_output_that_cannot_be_opened_is_tried_ever_more_seldom(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.output.fails = "no such device: plug it in"
    opened = steps.run(60.0)
    waits = [later - sooner for sooner, later in pairwise(opened)]
    assert opened[0] == 0.0
    assert waits[:4] == pytest.approx([0.5, 1.0, 2.0, 4.0], abs=0.11)
    assert waits[4:] == pytest.approx([MAX_RETRY_S] * len(waits[4:]), abs=0.11)
    assert steps.playback.report.output == "no such device: plug it in"
    steps.output.fails = ""
    steps.run(MAX_RETRY_S)
    assert steps.playback.report.output == ""


def test_one_that_played_long_is_tried_again_soon_after_it_is_lost(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.output.fails = "no such device: plug it in"
    steps.run(30.0)
    steps.output.fails = ""
    steps.run(20.0)
    steps.output.lost = "its cable is out"
    steps.run(0.1)
    assert steps.playback.report.output == "its cable is out"
    steps.output.lost = ""
    assert steps.run(2.0)[0] <= 0.6
    assert steps.output.closed > 0


def test_one_that_is_open_and_asks_no_more_than_once_is_none(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.run(0.1)
    steps.output.asks = False
    steps.run(1.0)
    assert steps.output.opened == 1
    assert steps.playback.report.output == "the output is being opened"
    steps.output.ask()
    steps.run(0.1)
    assert steps.playback.report.output == ""


def test_what_cannot_be_played_is_told_once(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.run(1.0)
    woken = steps.woken
    steps.output.lost = "its cable is out"
    steps.output.fails = "its cable is out"
    steps.run(5.0)
    assert steps.woken == woken + 1


def test_a_track_is_read_through_before_it_is_played_and_only_when_it_changed(
    tmp_path: Path,
) -> None:
    write_track(tmp_path, "surf", tone(250))
    steps = Steps(tmp_path)
    steps.playback.ask("surf")
    steps.run(0.2)
    assert steps.mixer.decks == []
    steps.shelf.step()
    steps.run(0.1)
    assert [deck.sidecar.name for deck in steps.mixer.decks] == ["surf"]
    assert steps.shelf.find("surf") is not None
    write_track(tmp_path, "surf", tone(125))
    assert steps.shelf.find("surf") is None


def test_tracks_are_read_through_before_anybody_asks_and_what_is_asked_for_first(
    tmp_path: Path,
) -> None:
    for name in ("a", "b", "c"):
        write_track(tmp_path, name, tone(250, 1.0))
    shelf = Shelf(TrackLibrary(tmp_path))
    shelf.step()
    assert shelf.find("c") is None
    shelf.step()
    assert shelf.find("c") is not None
    assert shelf.find("a") is not None
    shelf.step()
    assert shelf.find("b") is not None


def test_a_damaged_track_is_refused_until_its_file_is_another(tmp_path: Path) -> None:
    path = write_track(tmp_path, "surf", tone(250))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    shelf = Shelf(TrackLibrary(tmp_path))
    shelf.step()
    with pytest.raises(TrackError, match=r"surf\.flac"):
        shelf.find("surf")
    path.write_bytes(whole)
    assert shelf.find("surf") is None
    shelf.step()
    assert shelf.find("surf") is not None


def test_a_track_stays_refused_while_it_is_looked_at_again(tmp_path: Path) -> None:
    path = write_track(tmp_path, "surf", tone(250))
    whole = path.read_bytes()
    path.write_bytes(b"no sound")
    steps = Steps(tmp_path)
    steps.playback.ask("surf")
    steps.run(0.1)
    steps.shelf.step()
    steps.run(0.1)
    assert "surf.flac" in steps.playback.report.track
    path.write_bytes(whole)
    steps.run(2.0)
    assert "surf.flac" in steps.playback.report.track
    steps.shelf.step()
    steps.run(1.1)
    assert steps.playback.report.track == ""
    assert len(steps.mixer.decks) == 1
