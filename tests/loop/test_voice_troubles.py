"""Whatever becomes of the voice, the session goes on and the chair does no more."""

import signal
from collections.abc import Callable, Iterator

import pytest

from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import Account
from calmloop.demo.run import Demo
from calmloop.demo.stack import CHAIR_ID
from tests.loop.conftest import CALM_CHILD, StartDemo
from tests.processes import Client

pytestmark = [pytest.mark.slow, pytest.mark.alone]

STATE = topics.VOICE_STATE.name(CHAIR_ID)
RUNNING_S = 90.0
WATCHED_S = 3.0
FLOOD = 5_000
HEARD = {
    "condition": "listening",
    "enabled": True,
    "source_kind": "live",
    "level_db": -20.0,
    "floor_db": -80.0,
    "above_floor_db": 60.0,
    "voiced_share": 1.0,
    "pitch_hz": 450.0,
    "crying": 1.0,
    "is_crying": True,
}


@pytest.fixture(scope="module")
def demo(start_demo: StartDemo) -> Iterator[Demo]:
    """A session before a calm child, whose voice is heard."""
    with start_demo(restart=False, settings=CALM_CHILD) as demo:
        with Client(demo.stack.broker) as client:
            client.subscribe(STATE)
            client.wait_for(STATE, lambda body: body["condition"] == "listening")
        demo.start_session(minutes=10)
        assert demo.observer.wait_until(lambda: running(demo), RUNNING_S), demo.tally.session
        yield demo


def running(demo: Demo) -> bool:
    session, chair = demo.tally.session, demo.tally.chair
    return bool(
        session
        and session.phase is Phase.RUNNING
        and chair
        and chair.mode is ChairMode.ACTIVE
        and demo.stack.chair.outputs()[-1].felt
    )


def is_late(demo: Demo) -> None:
    demo.stack.signal(Account.VOICE_LISTENER, signal.SIGSTOP)


def is_absent(demo: Demo) -> None:
    demo.stack.signal(Account.VOICE_LISTENER, signal.SIGKILL)


def lies(demo: Demo) -> None:
    with Client(demo.stack.broker) as client:
        client.publish(STATE, HEARD)


def floods(demo: Demo) -> None:
    with Client(demo.stack.broker) as client:
        for number in range(FLOOD):
            client.publish(STATE, HEARD if number % 2 else b"\xff" * 500, qos=0)
        client.publish(STATE, HEARD)


@pytest.mark.parametrize("trouble", [lies, floods, is_late, is_absent])
def test_the_session_goes_on_and_nothing_rises(demo: Demo, trouble: Callable[[Demo], None]) -> None:
    assert demo.tally.session
    before_pct = demo.tally.session.intensity_pct
    assert before_pct > 0.0
    trouble(demo)
    until_s = demo.observer.elapsed_s() + WATCHED_S
    seen: list[tuple[bool, float]] = []
    while demo.observer.elapsed_s() < until_s:
        demo.observer.turn()
        seen.append((running(demo), demo.tally.session.intensity_pct))
    assert all(goes_on for goes_on, _ in seen)
    assert max(pct for _, pct in seen) <= before_pct
