"""The same as test_fleet_load, of 1,000 chairs and a link that is cut for ten minutes."""

from collections.abc import Iterator

import pytest

from tests.fleet.centre import Centre, Chair
from tests.fleet.load import FLOOD, MAX_P99_MS, names, simulated
from tests.fleet.outage import Plan, go_through

pytestmark = [pytest.mark.fleet, pytest.mark.long, pytest.mark.timeout(3600)]
CHAIRS = 1000
SECONDS = 60
NODES = 3
PLAN = Plan(chairs=CHAIRS, seconds=780, cut_s=600, kills=50)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with Centre(tmp_path_factory.mktemp("many"), names(CHAIRS), NODES).running() as running:
        yield running


def test_events_of_1000_chairs_are_held_within_2_s(centre: Centre) -> None:
    assert simulated(centre, CHAIRS, SECONDS).p99_ms <= MAX_P99_MS


def test_one_of_1000_chairs_that_floods_does_not_delay_the_others(centre: Centre) -> None:
    assert simulated(centre, CHAIRS, SECONDS, "--flood", FLOOD).p99_ms <= MAX_P99_MS


def test_nothing_of_1000_chairs_is_lost_or_doubled_in_ten_minutes_without_a_link(
    centre: Centre, chair: Chair
) -> None:
    go_through(centre, chair, PLAN)
