"""Each service is killed and started again, alone."""

import pytest

from calmloop.contract.topics import Account
from calmloop.demo.run import Demo
from calmloop.demo.stack import IN_DEMO
from tests.loop import restarts

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("gone", sorted(IN_DEMO))
def test_a_session_can_be_started_again_and_no_alarm_is_left(running: Demo, gone: Account) -> None:
    restarts.assert_starts_again_without_an_alarm(running, (gone,))
