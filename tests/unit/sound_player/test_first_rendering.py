"""The soundscapes are rendered by a process of its own, and the player says how far that is."""

import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np
import pytest

from calmloop.contract.messages.sound import SoundCondition
from calmloop.contract.messages.stimulus import Sound
from calmloop.sound_player import first_rendering, service
from calmloop.sound_player.first_rendering import FirstRendering
from tests.sound_tracks import tone, write_track
from tests.unit.sound_player.player_rig import PlayerRig

WAITS_S = 20.0
GOES_ON = "import time; print('3 16', flush=True); time.sleep(600)"
ENDS = "print('0 2'); print('1 2')"
FAILS = "print('0 2'); raise SystemExit('the disk is full')"


class Log:
    """What the service's log was told, in its order."""

    def __init__(self) -> None:
        self.said: Queue[dict[str, Any]] = Queue()

    def info(self, _event: str, **said: Any) -> None:
        self.said.put(said)

    warning = info


def runs(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(first_rendering, "PROGRAM", (sys.executable, "-c", code))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def rendering(log: Log, tmp_path: Path) -> Iterator[list[FirstRendering]]:
    begun: list[FirstRendering] = []
    yield begun
    for one in begun:
        one.stop()


def begin(log: Log, tmp_path: Path, rendering: list[FirstRendering]) -> FirstRendering:
    one = FirstRendering(tmp_path, log)  # type: ignore[arg-type]
    rendering.append(one)
    one.start()
    return one


def test_it_says_how_many_are_there_and_nothing_once_all_are(
    monkeypatch: pytest.MonkeyPatch, log: Log, tmp_path: Path, rendering: list[FirstRendering]
) -> None:
    runs(monkeypatch, ENDS)
    one = begin(log, tmp_path, rendering)
    assert [log.said.get(timeout=WAITS_S)["there"] for _ in range(2)] == [0, 1]
    one._thread.join(WAITS_S)
    assert one.told == ""


def test_a_process_that_fails_is_told_with_its_last_words_and_begun_again(
    monkeypatch: pytest.MonkeyPatch, log: Log, tmp_path: Path, rendering: list[FirstRendering]
) -> None:
    runs(monkeypatch, FAILS)
    monkeypatch.setattr(first_rendering, "MIN_RETRY_S", 0.01)
    one = begin(log, tmp_path, rendering)
    said = [log.said.get(timeout=WAITS_S) for _ in range(4)]
    assert [set(each) for each in said] == 2 * [{"there", "total"}, {"reason", "again_in_s"}]
    assert said[1]["reason"] == "the disk is full"
    assert said[3]["again_in_s"] == 2 * said[1]["again_in_s"]
    assert one.told


def test_a_program_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, log: Log, tmp_path: Path, rendering: list[FirstRendering]
) -> None:
    monkeypatch.setattr(first_rendering, "PROGRAM", ("/nowhere",))
    one = begin(log, tmp_path, rendering)
    assert "/nowhere" in log.said.get(timeout=WAITS_S)["reason"]
    assert one.told.startswith("the soundscapes cannot be rendered")


def test_it_ends_with_the_service(
    monkeypatch: pytest.MonkeyPatch, log: Log, tmp_path: Path, rendering: list[FirstRendering]
) -> None:
    runs(monkeypatch, GOES_ON)
    one = begin(log, tmp_path, rendering)
    log.said.get(timeout=WAITS_S)
    one.stop()
    one._thread.join(WAITS_S)
    assert not one._thread.is_alive()
    assert log.said.empty()


class Rendering:
    """Stands for the process in the service."""

    told = "3 of 16 are there"

    def __init__(self, *_: Any) -> None:
        self.begun, self.ended = 0, 0

    def start(self) -> None:
        self.begun += 1

    def stop(self) -> None:
        self.ended += 1


def test_a_session_waits_for_its_track_without_sound_and_is_told_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rendering = Rendering()
    monkeypatch.setattr(service, "FirstRendering", lambda *_: rendering)
    rig = PlayerRig(tmp_path / "own", soundscapes_dir=tmp_path / "shipped")
    try:
        assert rendering.begun == 1
        rig.settle()
        rig.sound = Sound(track="surf", level_pct=30.0)
        rig.until(lambda: rig.condition is SoundCondition.NO_TRACK)
        assert rig.states[-1].reason.startswith("3 of 16 are there (")
        assert "no track 'surf'" in rig.states[-1].reason
        write_track(tmp_path / "shipped", "surf", tone(250))
        rig.clock.advance(2.0)
        rig.play("surf")
        assert np.abs(rig.hear(0.5)).max() > 0.0
        assert rig.states[-1].condition is SoundCondition.PLAYING
    finally:
        rig.service.close()
    assert rendering.ended == 1
