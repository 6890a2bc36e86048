"""When nobody sees the child any more, the stimulus never rises and is zero within 30 s."""

import signal
import time
from collections.abc import Callable

import pytest

from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import Account
from calmloop.demo.run import Demo
from tests.loop.conftest import StartDemo

LIMIT_S = 30.0
TOLERANCE_S = 0.5


def intensity_pct(demo: Demo) -> float:
    return demo.tally.session.intensity_pct if demo.tally.session else 0.0


def running_phase(demo: Demo) -> bool:
    return demo.tally.session is not None and demo.tally.session.phase is Phase.RUNNING


@pytest.mark.parametrize(
    "account",
    [
        pytest.param(Account.EMOTION_CLASSIFIER, marks=pytest.mark.slow),
        pytest.param(Account.FACE_DETECTOR, marks=pytest.mark.long),
        pytest.param(Account.CAMERA, marks=pytest.mark.long),
    ],
)
def test_the_stimulus_never_rises_and_ends_within_30_s(
    start_demo: StartDemo, account: Account, measured: Callable[[str], None]
) -> None:
    with start_demo(restart=False, settings={"CAMERA__SIM_MOOD": "positive"}) as demo:
        demo.start_session(minutes=10)
        assert demo.observer.wait_until(lambda: running_phase(demo), 20)
        before_pct = intensity_pct(demo)
        assert before_pct > 0

        began_ns = time.monotonic_ns()
        demo.stack.signal(account, signal.SIGKILL)
        highest_pct = _watch_until(demo, lambda: not _felt(demo), LIMIT_S + 5)
        at_rest_s = (demo.stack.chair.outputs()[-1].at_ns - began_ns) / 1e9
        measured(f"{account} killed: at rest after {at_rest_s:.1f} s, at most {LIMIT_S:g}")
        assert highest_pct <= before_pct
        assert at_rest_s <= LIMIT_S + TOLERANCE_S
        assert demo.observer.wait_until(
            lambda: demo.tally.session is not None and demo.tally.session.phase is Phase.PAUSED, 5
        )


def _felt(demo: Demo) -> bool:
    return demo.stack.chair.outputs()[-1].felt


def _watch_until(demo: Demo, condition: Callable[[], bool], timeout_s: float) -> float:
    """The highest intensity seen until the condition holds."""
    seen_pct = [intensity_pct(demo)]

    def watch() -> bool:
        seen_pct.append(intensity_pct(demo))
        return condition()

    assert demo.observer.wait_until(watch, timeout_s), f"still felt after {timeout_s} s"
    return max(seen_pct)
