"""Ten minutes of the whole loop at full load, heard through a sound server: no gap, no click.

On a device the loop has the processor before all else, as Compose's shares have it. Here it is
given that by the kernel's groups, one for each session (sched_autogroup_enabled), where this user
may: what else runs on the machine, and a burner on each core, then has a lower share.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from calmloop.contract.messages.sound import SoundCondition
from calmloop.demo.run import Demo, running_demo
from calmloop.demo.stack import StackOptions
from calmloop.soundscapes.catalogue import SOUNDSCAPES
from tests.contract.player_harness import RATE_HZ
from tests.loop.conftest import CALM_CHILD
from tests.sound.conftest import SoundServer
from tests.sound.test_output import HEARD, PEAK, burning
from tests.sound_tracks import tone, write_track

pytestmark = [pytest.mark.sound, pytest.mark.long, pytest.mark.timeout(1200)]
SECONDS = 600.0
MINUTES = 15.0
BEGUN_S = 60.0
SETTLED_S = 1.0
"""In which it fades in, and the burners begin."""
HZ = (100, 250)
"""Of the lowest and the highest track: two that cross beat at 10 Hz or more."""
CROSSED = np.sqrt(2.0)
"""Two tracks at equal power, when their peaks meet."""
STEP = 1.1 * CROSSED * PEAK * 2 * np.pi * HZ[1] / RATE_HZ
GAP_S = 0.002
"""Of samples that are no sound, one after another; a tone passes through them in 0.1 ms."""


@pytest.fixture
def tracks(tmp_path: Path) -> Path:
    folder = tmp_path / "tracks"
    for number, scape in enumerate(SOUNDSCAPES):
        write_track(folder, scape.name, tone(float(HZ[0] + 10 * number), 2.0))
    return folder


def longest_silence_s(sound: NDArray[np.float32]) -> float:
    heard = np.flatnonzero(np.abs(sound) > HEARD)
    return float(np.diff(heard, prepend=-1, append=len(sound)).max() - 1) / RATE_HZ


def test_ten_minutes_of_the_whole_loop_at_full_load_have_no_gap_and_no_click(
    sound_server: SoundServer,
    tracks: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    measured: Callable[[str], None],
) -> None:
    assert HZ[0] + 10 * (len(SOUNDSCAPES) - 1) == HZ[1]
    for name, value in sound_server.environment.items():
        monkeypatch.setenv(name, value)
    played = {"SOUND_PLAYER__OUTPUT": "portaudio", "SOUND_PLAYER__BUFFER_S": "0.2"}
    options = StackOptions(
        baseline_s=2.0, warm_up_s=0.0, tracks=tracks, settings=CALM_CHILD | played
    )
    with running_demo(options, tmp_path, seconds=0.0) as demo, sound_server.listen() as monitor:
        demo.start_session(minutes=MINUTES)
        assert demo.observer.wait_until(lambda: is_playing(demo), BEGUN_S)
        go_before_all_others()
        with full_load():
            monitor.wait_until(time.monotonic() + SETTLED_S)
            began_s, before = time.monotonic(), underruns(demo)
            demo.watch(demo.observer.elapsed_s() + SECONDS, lambda: is_playing(demo))
            sound, _ = monitor.since(began_s)
            after, why = underruns(demo), now_told(demo)
    seconds = len(sound) / RATE_HZ
    step = float(np.abs(np.diff(sound)).max())
    measured(
        f"sound-player in the whole loop, PulseAudio, a burner on each core: {after - before} gaps"
        f" counted in {seconds:.0f} s, longest silence {1000 * longest_silence_s(sound):.1f} ms,"
        f" largest step {step / STEP:.2f} of the bound, load {os.getloadavg()[0]:.0f}"
    )
    assert seconds >= 0.98 * SECONDS, f"the sound ended before its time: {why}"
    assert after == before
    assert longest_silence_s(sound) <= GAP_S
    assert step <= STEP


def go_before_all_others() -> None:
    """Gives this process and its children, each a group of its own, the highest share."""
    own = os.getpid()
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    for pid in (str(own), *children):
        with suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text("-20")


def is_playing(demo: Demo) -> bool:
    sound = demo.tally.sound
    return sound is not None and sound.condition is SoundCondition.PLAYING


def now_told(demo: Demo) -> str:
    """What player, session and watchdog say of themselves."""
    sound, session, stop = demo.tally.sound, demo.tally.session, demo.tally.stop
    assert sound is not None
    assert session is not None
    cause = stop.cause if stop else ""
    played = f"{session.scenario}, {session.scenario_phase}"
    return f"{sound.condition}, {sound.reason}; {session.reason} ({played}); stop: {cause}"


def underruns(demo: Demo) -> int:
    assert demo.tally.sound is not None
    return demo.tally.sound.underruns


@contextmanager
def full_load() -> Iterator[None]:
    burners = [burning() for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
