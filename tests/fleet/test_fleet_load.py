"""How long a centre of three nodes takes with many chairs, and that it loses nothing."""

from collections.abc import Iterator

import pytest

from tests.fleet.centre import Centre, Chair
from tests.fleet.load import FLOOD, MAX_P99_MS, PER_S, names, simulated
from tests.fleet.outage import Plan, go_through

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(900)]
CHAIRS = 50
SECONDS = 15
NODES = 3
PLAN = Plan(chairs=CHAIRS, seconds=60, cut_s=5, kills=6)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with Centre(tmp_path_factory.mktemp("many"), names(CHAIRS), NODES).running() as running:
        yield running


def test_events_of_many_chairs_are_held_within_2_s(centre: Centre) -> None:
    load = simulated(centre, CHAIRS, SECONDS)
    assert load.held == load.events == PER_S * SECONDS
    assert load.p99_ms <= MAX_P99_MS
    ((stored,),) = centre.database.ask("SELECT count(*) FROM fleet_item")
    assert stored == load.events


def test_a_chair_that_floods_does_not_delay_the_others(centre: Centre) -> None:
    load = simulated(centre, CHAIRS, SECONDS, "--flood", FLOOD)
    assert load.held == load.events
    assert load.p99_ms <= MAX_P99_MS
    ((flooded,),) = centre.database.ask("SELECT count(*) FROM fleet_item WHERE chair = %s", FLOOD)
    assert flooded > load.events


def test_nothing_is_lost_or_doubled_with_a_node_killed_the_link_cut_and_a_log_killed(
    centre: Centre, chair: Chair
) -> None:
    go_through(centre, chair, PLAN)
