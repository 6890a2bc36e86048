"""When a service of the safety chain dies or hangs: at rest within 1 s until a person acts."""

from collections.abc import Callable

import pytest

from calmloop.demo.run import Demo
from tests.loop.at_rest import assert_rests_and_stays_so
from tests.loop.causes import BY_SERVICES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("cause", BY_SERVICES)
def test_the_chair_is_at_rest_within_a_second_and_stays_so(
    running: Demo, cause: str, measured: Callable[[str], None]
) -> None:
    assert_rests_and_stays_so(running, cause, BY_SERVICES[cause], measured)
