"""A batch has no gap of its own, and an odd clock gets no part of the table to itself."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from calmloop.contract.fleet_topics import chair_of, routing_key, up_topic
from calmloop.contract.messages.fleet import FleetBatch, FleetItem, FleetItemKind
from calmloop.fleet_ingest.tables import months_of

EPOCH = "0123456789abcdef"
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def batch(*ranges: tuple[int, int]) -> FleetBatch:
    kinds = (FleetItemKind.EVENT, FleetItemKind.GAP)
    items = [FleetItem(seq=a, last=b if b > a else 0, kind=kinds[b > a]) for a, b in ranges]
    return FleetBatch(epoch=EPOCH, items=tuple(items))


def test_a_batch_says_where_it_begins_and_ends() -> None:
    whole = batch((3, 7), (8, 8), (9, 9))
    assert (whole.first, whole.last) == (3, 9)


@pytest.mark.parametrize("ranges", [((1, 1), (3, 3)), ((2, 2), (1, 1)), ((1, 4), (4, 4)), ()])
def test_a_batch_with_a_gap_or_a_number_twice_is_none(ranges: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValidationError):
        batch(*ranges)


def test_only_months_near_today_get_a_part() -> None:
    moments = [datetime(year, 2, 3, tzinfo=UTC) for year in (1970, 2026, 2038)]
    assert months_of([*moments, NOW], NOW) == {
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    }


def test_a_worker_knows_the_chair_by_the_topic_alone() -> None:
    assert chair_of(routing_key(up_topic("clinic-2-chair-7"))) == "clinic-2-chair-7"
