"""Whatever is restarted, in whatever order: a person can start again, and no alarm is left over."""

import signal

from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.topics import Account
from calmloop.demo.run import Demo

RECOVERY_S = 30.0
ACKNOWLEDGED_S = 3.0
Gone = Account | None
"""None is the broker."""


def name(gone: tuple[Gone, ...]) -> str:
    return " then ".join(str(one or "broker") for one in gone)


def kill(demo: Demo, gone: Gone) -> None:
    if gone is None:
        demo.stack.broker.stop()
        demo.stack.broker.start()
    else:
        demo.stack.signal(gone, signal.SIGKILL)


def standing(demo: Demo) -> set[str]:
    newest = {alarm.kind: alarm.active for alarm in demo.tally.report.alarms}
    return {kind for kind, active in newest.items() if active}


def assert_starts_again_without_an_alarm(demo: Demo, gone: tuple[Gone, ...]) -> None:
    demo.start_session(minutes=10)
    demo.watch(demo.observer.elapsed_s() + 0.5)
    for one in gone:
        kill(demo, one)
        demo.watch(demo.observer.elapsed_s() + 0.3)
    _wait_until_ready(demo)
    demo.start_session(minutes=10)
    assert AlarmKind.TWO_INSTANCES not in {alarm.kind for alarm in demo.tally.report.alarms}
    acknowledge(demo)
    assert not standing(demo)


def _wait_until_ready(demo: Demo) -> None:
    demo.tally.chair = demo.tally.stop = None

    def ready() -> bool:
        demo.stack.supervise()
        return demo.tally.stop is not None and not demo.observer.waiting_for()

    demo.watch(demo.observer.elapsed_s() + 2.0)  # the last beats of who is gone grow old
    assert demo.observer.wait_until(ready, RECOVERY_S), demo.observer.waiting_for()


def acknowledge(demo: Demo) -> None:
    """As a person does who reads what stands; nothing new may come in the second after."""
    until_s = demo.observer.elapsed_s() + ACKNOWLEDGED_S
    while standing(demo) and demo.observer.elapsed_s() < until_s:
        demo.caregiver.reset()
        demo.observer.wait_until(lambda: not standing(demo), 1.0)
    demo.watch(demo.observer.elapsed_s() + 1.0)
