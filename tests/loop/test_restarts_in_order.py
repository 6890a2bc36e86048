"""Several are restarted: the broker and a service, either first, and all services at once."""

import itertools

import pytest

from calmloop.contract.topics import Account
from calmloop.demo.run import Demo
from calmloop.demo.stack import IN_DEMO
from tests.loop import restarts

pytestmark = pytest.mark.slow

EVERY_SERVICE: tuple[restarts.Gone, ...] = tuple(sorted(IN_DEMO))
CASES: list[tuple[restarts.Gone, ...]] = [
    (None, Account.SAFETY_WATCHDOG),
    (Account.SAFETY_WATCHDOG, None),
]
LONG = [pair for pair in itertools.permutations([None, *sorted(IN_DEMO)], 2) if pair not in CASES]


@pytest.mark.parametrize(
    "gone",
    [
        *(pytest.param(case, id=restarts.name(case)) for case in CASES),
        pytest.param(EVERY_SERVICE, id="every service", marks=pytest.mark.slow),
        *(pytest.param(case, id=restarts.name(case), marks=pytest.mark.long) for case in LONG),
    ],
)
def test_a_session_can_be_started_again_and_no_alarm_is_left(
    running: Demo, gone: tuple[restarts.Gone, ...]
) -> None:
    restarts.assert_starts_again_without_an_alarm(running, gone)
