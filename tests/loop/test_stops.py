"""Whatever stops or dies, vibration and sound are zero within 1 s, and stay so until a person acts.

Times are taken from the chair's own record of its outputs, not from what a service says.
"""

import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from calmloop.demo.run import Demo
from calmloop.topics import Account
from tests.loop.conftest import StartDemo

LIMIT_S = 1.0
RECOVERY_S = 30.0
STAYS_ZERO_S = 1.5
KNOWN_S = 0.5
"""After this long every process has heard of the session: who has not has nothing to latch."""


@pytest.fixture(scope="module")
def running(start_demo: StartDemo) -> Iterator[Demo]:
    with start_demo(settings={"CAMERA__SIM_MOOD": "neutral"}) as demo:
        yield demo


def stop_with(payload: bytes) -> Callable[[Demo], None]:
    return lambda demo: demo.observer.bus.publish_stop(payload)


def send(account: Account, number: signal.Signals) -> Callable[[Demo], None]:
    return lambda demo: demo.stack.signal(account, number)


def send_broker(number: signal.Signals) -> Callable[[Demo], None]:
    return lambda demo: demo.stack.broker.signal(number)


def tap_the_childs_button(demo: Demo) -> None:
    """15 ms, between two STATUS for the most part."""
    with socket.socket(socket.AF_UNIX) as hands:
        hands.connect(str(demo.stack.chair.control))
        for line, wait_s in (("child press", 0.015), ("child release", 0)):
            hands.sendall(f"{line}\n".encode())
            assert hands.recv(16) == b"ok\n"
            time.sleep(wait_s)


CAUSES: dict[str, Callable[[Demo], None]] = {
    "a stop": stop_with(b"caregiver"),
    "a stop with an empty payload": stop_with(b""),
    **{
        f"{number.name} of {account}": send(account, number)
        for account in (
            Account.ACTUATOR_BRIDGE,
            Account.SAFETY_WATCHDOG,
            Account.SCENARIO_SELECTOR,
        )
        for number in (signal.SIGKILL, signal.SIGSTOP)
    },
    "a tap of the child's button": tap_the_childs_button,
    "SIGSTOP of the broker": send_broker(signal.SIGSTOP),
    "SIGKILL of the broker": send_broker(signal.SIGKILL),
}


def felt(demo: Demo) -> bool:
    outputs = demo.stack.chair.outputs()
    return bool(outputs) and outputs[-1].felt


def wait_until(demo: Demo, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    assert demo.observer.wait_until(condition, timeout_s), what


def recover(demo: Demo, cause: str) -> None:
    """What a supervisor does; no person acts."""
    if "broker" in cause:
        demo.stack.broker.signal(signal.SIGCONT)
        if "SIGKILL" in cause:
            demo.stack.broker.stop()
            demo.stack.broker.start()
    else:
        for account in Account:
            if str(account) in cause:
                demo.stack.signal(account, signal.SIGCONT)
    # The last beats of what was killed are fresh for a while: only news count.
    demo.tally.chair = demo.tally.stop = None

    def ready() -> bool:
        demo.stack.supervise()
        heard = demo.tally.chair is not None and demo.tally.stop is not None
        return heard and not demo.observer.waiting_for()

    wait_until(demo, ready, RECOVERY_S, f"not ready after {cause}: {demo.observer.waiting_for()}")


@pytest.mark.parametrize("cause", CAUSES)
def test_the_chair_is_at_rest_within_a_second_and_stays_so(
    running: Demo, cause: str, measured: Callable[[str], None]
) -> None:
    demo = running
    demo.start_session(minutes=10)
    wait_until(demo, lambda: felt(demo), 10, "the chair never did anything")
    demo.watch(demo.observer.elapsed_s() + KNOWN_S)
    assert felt(demo)

    began_ns = time.monotonic_ns()
    CAUSES[cause](demo)
    wait_until(demo, lambda: not felt(demo), 5, f"still felt 5 s after {cause}")

    last_felt = next(o for o in reversed(demo.stack.chair.outputs()) if not o.felt)
    at_rest_s = (last_felt.at_ns - began_ns) / 1e9
    measured(f"{cause}: at rest after {at_rest_s:.3f} s, at most {LIMIT_S:g}")
    assert at_rest_s <= LIMIT_S

    recover(demo, cause)
    seen = len(demo.stack.chair.outputs())
    demo.observer.wait_until(lambda: felt(demo), STAYS_ZERO_S)
    assert not any(output.felt for output in demo.stack.chair.outputs()[seen:])
    assert demo.tally.stop is not None
    assert demo.tally.stop.latched, "a stop must be latched until a person resets it"
