"""The chair is heard while a session runs; without its sound the session goes on, and quietly."""

import signal
from itertools import pairwise

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.sound import SoundCondition
from calmloop.contract.topics import Account
from calmloop.demo.run import Demo
from tests.loop.restarts import standing

pytestmark = [pytest.mark.alone, pytest.mark.slow]
PLAYED_S = 20.0
RISEN_S = 6.0
"""The chair's gate takes 5 s to any level."""
LOST_S = 1.5
"""sound/state counts for half a second; the amplifier is down in another 0.3."""
BACK_S = 40.0
ALARM_S = 15.0


def sound_pct(demo: Demo) -> float:
    chair = demo.tally.chair
    assert chair is not None
    return chair.applied.sound_pct


def is_heard(demo: Demo) -> bool:
    sound = demo.tally.sound
    playing = sound is not None and sound.condition is SoundCondition.PLAYING
    return playing and sound_pct(demo) > 1.0


def test_a_session_is_heard_goes_on_without_its_player_and_is_heard_again_slowly(
    running: Demo,
) -> None:
    running.start_session(minutes=10)
    assert running.observer.wait_until(lambda: is_heard(running), PLAYED_S)
    running.watch(running.observer.elapsed_s() + RISEN_S)
    heard_pct = sound_pct(running)
    assert running.tally.report.sound.tracks

    running.stack.signal(Account.SOUND_PLAYER, signal.SIGSTOP)
    assert running.observer.wait_until(lambda: sound_pct(running) == 0.0, LOST_S)
    assert running.observer.wait_until(
        lambda: AlarmKind.SOUND_LOST in standing(running), ALARM_S
    ), "nobody is called"
    assert running.tally.chair is not None
    assert running.tally.chair.mode is ChairMode.ACTIVE
    assert running.tally.chair.applied.vibration_pct > 0.0

    running.stack.signal(Account.SOUND_PLAYER, signal.SIGCONT)
    levels: list[float] = []

    def back() -> bool:
        levels.append(sound_pct(running))
        return is_heard(running) and sound_pct(running) > 0.5 * heard_pct

    began_s = running.observer.elapsed_s()
    assert running.observer.wait_until(back, BACK_S)
    assert running.observer.elapsed_s() - began_s > 3.0
    assert max(after - before for before, after in pairwise(levels)) < 0.3 * heard_pct
