"""Whatever stops or dies, vibration and sound are zero within 1 s, and stay so until a person acts.

Times are taken from the chair's own record of its outputs, not from what a service says.
"""

import time
from collections.abc import Callable

from calmloop.demo.run import Demo
from calmloop.demo.trace import Output
from tests.loop.causes import Cause

LIMIT_S = 1.0
RECOVERY_S = 30.0
STAYS_ZERO_S = 1.5
KNOWN_S = 0.5
"""After this long every process has heard of the session: who has not has nothing to latch."""


def assert_rests_and_stays_so(
    demo: Demo, name: str, cause: Cause, measured: Callable[[str], None]
) -> None:
    _begin_session(demo)
    began_ns = time.monotonic_ns()
    cause.act(demo)
    wait_until(demo, lambda: not _felt(demo), 5, f"still felt 5 s after {name}")
    at_rest_s = (_rest(demo.stack.chair.outputs()).at_ns - began_ns) / 1e9
    measured(f"{name}: at rest after {at_rest_s:.3f} s, at most {LIMIT_S:g}")
    assert at_rest_s <= LIMIT_S
    recover(demo, name, cause)
    _assert_stays_at_rest(demo)


def wait_until(demo: Demo, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    assert demo.observer.wait_until(condition, timeout_s), what


def recover(demo: Demo, name: str, cause: Cause) -> None:
    """Does what a supervisor does, and returns when all is ready."""
    cause.recover(demo)
    # The last beats of what was killed are fresh for a while: only news count.
    demo.tally.chair = demo.tally.stop = None

    def ready() -> bool:
        demo.stack.supervise()
        heard = demo.tally.chair is not None and demo.tally.stop is not None
        return heard and not demo.observer.waiting_for()

    wait_until(demo, ready, RECOVERY_S, f"not ready after {name}: {demo.observer.waiting_for()}")


def _begin_session(demo: Demo) -> None:
    demo.start_session(minutes=10)
    wait_until(demo, lambda: _felt(demo), 10, "the chair never did anything")
    demo.watch(demo.observer.elapsed_s() + KNOWN_S)
    assert _felt(demo)


def _felt(demo: Demo) -> bool:
    outputs = demo.stack.chair.outputs()
    return bool(outputs) and outputs[-1].felt


def _rest(outputs: list[Output]) -> Output:
    """The first output of the rest at the end of a trace."""
    felt_last = max((i for i, output in enumerate(outputs) if output.felt), default=-1)
    return outputs[felt_last + 1]


def _assert_stays_at_rest(demo: Demo) -> None:
    seen = len(demo.stack.chair.outputs())
    demo.observer.wait_until(lambda: _felt(demo), STAYS_ZERO_S)
    assert not any(output.felt for output in demo.stack.chair.outputs()[seen:])
    assert demo.tally.stop is not None
    assert demo.tally.stop.latched, "a stop must be latched until a person resets it"
