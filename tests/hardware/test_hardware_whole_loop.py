"""The whole loop on the emulated chip: whatever stops or dies, the pins come to rest."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from calmloop.chair_link.messages import State
from calmloop.contract.messages.chair import ChairMode
from tests.hardware.loop import Loop, memory_folder, running_loop
from tests.hardware.measured import within
from tests.loop.at_rest import STAYS_ZERO_S, recover, wait_until
from tests.loop.causes import BY_PEOPLE_OR_BROKER, BY_SERVICES

CAUSES = {**BY_PEOPLE_OR_BROKER, **BY_SERVICES}

pytestmark = pytest.mark.alone

LEASE_AND_FALL_MS = 800
LINK_BACK_S = 10.0
PULLED_S = 1.0
KNOWN_NS = 500_000_000
"""After this long in ACTIVE every process has heard of it, however late it was given a core."""


@pytest.fixture(scope="module")
def running(_built: None) -> Iterator[Loop]:
    with memory_folder() as folder, running_loop(folder, "the whole loop") as loop:
        yield loop


def begin_session(loop: Loop) -> None:
    loop.start_session(minutes=10)
    wait_until(loop, lambda: loop.felt, 10, "the chair never did anything")
    others = [given.at_ns for given in loop.emulator.given() if given.state != State.ACTIVE.name]
    known_ns = others[-1] + KNOWN_NS
    wait_until(loop, lambda: time.monotonic_ns() > known_ns, 2, "time stands still")
    assert loop.felt


def rest_ms(loop: Loop, began_ns: int, what: str) -> float:
    """Milliseconds from a moment until nothing is felt any more at the pins."""
    wait_until(loop, lambda: not loop.felt, 5, f"still felt 5 s after {what}")
    given = loop.emulator.given()
    last_felt = max(i for i, moment in enumerate(given) if moment.felt)
    return (given[last_felt + 1].at_ns - began_ns) / 1e6


def assert_stays_at_rest(loop: Loop) -> None:
    """No process may start the chair again; a person has to."""
    seen = len(loop.emulator.given())
    loop.observer.wait_until(lambda: loop.felt, STAYS_ZERO_S)
    assert not any(given.felt for given in loop.emulator.given()[seen:])
    assert loop.tally.stop is not None
    assert loop.tally.stop.latched, "a stop must be latched until a person resets it"


@pytest.mark.long
@pytest.mark.parametrize("cause", CAUSES)
def test_the_pins_come_to_rest_and_stay_so(running: Loop, cause: str) -> None:
    begin_session(running)
    began_ns = time.monotonic_ns()
    CAUSES[cause].act(running)
    within(f"{cause} -> at rest", rest_ms(running, began_ns, cause), LEASE_AND_FALL_MS)
    recover(running, cause, CAUSES[cause])
    assert_stays_at_rest(running)


def connected(loop: Loop) -> bool:
    chair = loop.tally.chair
    return chair is not None and chair.mode is not ChairMode.DISCONNECTED and chair.identified


@pytest.mark.parametrize(
    "turns", [1, pytest.param(10, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_a_cable_that_comes_and_goes_never_resumes_a_session(running: Loop, turns: int) -> None:
    for _ in range(turns):
        unplug_and_plug_in_again(running)


@contextmanager
def another_holds(device: Path) -> Iterator[None]:
    """Takes the name of a pseudo-terminal that has gone, so that the next one gets another."""
    with ExitStack() as taken:
        while not device.exists():
            for end in os.openpty():
                taken.callback(os.close, end)
        yield


def unplug_and_plug_in_again(loop: Loop) -> None:
    """The cable is pulled in a session, and comes back as another device."""
    begin_session(loop)
    port = loop.emulator.port
    device = port.readlink()
    began_ns = time.monotonic_ns()
    loop.emulator.command("usb unplug")
    within("cable pulled -> at rest", rest_ms(loop, began_ns, "the cable"), LEASE_AND_FALL_MS)
    wait_until(loop, lambda: not connected(loop), 2, "the bridge never saw it")
    with another_holds(device):
        loop.observer.wait_until(lambda: loop.felt, PULLED_S)
        began_ns = time.monotonic_ns()
        loop.emulator.command(f"usb {port}")
    assert port.readlink() != device, "the same device again shows nothing"
    wait_until(loop, lambda: connected(loop), LINK_BACK_S, "the link did not come back")
    back_s = (time.monotonic_ns() - began_ns) / 1e9
    within("plugged in again -> link back", back_s, LINK_BACK_S, "s")
    assert_stays_at_rest(loop)
