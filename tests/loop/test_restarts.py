"""Whatever is restarted, in whatever order: a person can start again, and no alarm is left over."""

import itertools
import signal
from collections.abc import Iterator

import pytest

from calmloop.demo.run import Demo
from calmloop.messages.safety import AlarmKind
from calmloop.topics import SERVICES, Account
from tests.loop.conftest import StartDemo

RECOVERY_S = 30.0
CHAIN = (Account.CAMERA, Account.SCENARIO_SELECTOR, Account.SAFETY_WATCHDOG)
CASES: list[tuple[Account | None, ...]] = [
    *((account,) for account in sorted(SERVICES - set(CHAIN))),
    *((account,) for account in CHAIN),
    tuple(sorted(SERVICES)),
    (None, Account.SAFETY_WATCHDOG),
    (Account.SAFETY_WATCHDOG, None),
]
LONG = [pair for pair in itertools.permutations([None, *sorted(SERVICES)], 2) if pair not in CASES]
"""None is the broker."""


@pytest.fixture(scope="module")
def running(start_demo: StartDemo) -> Iterator[Demo]:
    with start_demo(settings={"CAMERA__SIM_MOOD": "neutral"}) as demo:
        yield demo


def kill(demo: Demo, gone: Account | None) -> None:
    if gone is None:
        demo.stack.broker.stop()
        demo.stack.broker.start()
    else:
        demo.stack.signal(gone, signal.SIGKILL)


def standing(demo: Demo) -> set[str]:
    newest = {alarm.kind: alarm.active for alarm in demo.tally.report.alarms}
    return {kind for kind, active in newest.items() if active}


def name(case: tuple[Account | None, ...]) -> str:
    return " then ".join(str(gone or "broker") for gone in case)


@pytest.mark.parametrize(
    "gone",
    [
        *(pytest.param(case, id=name(case)) for case in CASES),
        *(pytest.param(case, id=name(case), marks=pytest.mark.long) for case in LONG),
    ],
)
def test_a_session_can_be_started_again_and_no_alarm_is_left(
    running: Demo, gone: tuple[Account | None, ...]
) -> None:
    demo = running
    demo.start_session(minutes=10)
    demo.watch(demo.observer.elapsed_s() + 0.5)
    for one in gone:
        kill(demo, one)
        demo.watch(demo.observer.elapsed_s() + 0.3)
    demo.tally.chair = demo.tally.stop = None

    def ready() -> bool:
        demo.stack.supervise()
        return demo.tally.stop is not None and not demo.observer.waiting_for()

    demo.watch(demo.observer.elapsed_s() + 2.0)  # the last beats of who is gone grow old
    assert demo.observer.wait_until(ready, RECOVERY_S), demo.observer.waiting_for()

    demo.start_session(minutes=10)
    assert AlarmKind.TWO_INSTANCES not in {alarm.kind for alarm in demo.tally.report.alarms}
    for _ in range(3):
        demo.caregiver.reset()  # acknowledges what stands
        demo.watch(demo.observer.elapsed_s() + 1.0)
    assert not standing(demo)
