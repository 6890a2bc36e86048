"""The tables at the centre, and their parts by month."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import psycopg

SCHEMA_LOCK = 0x63616C6D
"""One worker at a time makes tables."""
TABLES = """
CREATE TABLE IF NOT EXISTS fleet_progress (
    chair text NOT NULL, epoch text NOT NULL, acknowledged bigint NOT NULL,
    seen timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (chair, epoch)
);
CREATE TABLE IF NOT EXISTS fleet_item (
    chair text NOT NULL, epoch text NOT NULL, seq bigint NOT NULL, last bigint NOT NULL,
    at timestamptz NOT NULL, kind text NOT NULL, child text NOT NULL, session text NOT NULL,
    what text NOT NULL, data jsonb NOT NULL, stored timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chair, epoch, seq, at)
) PARTITION BY RANGE (at);
CREATE TABLE IF NOT EXISTS fleet_item_undated PARTITION OF fleet_item DEFAULT;
CREATE INDEX IF NOT EXISTS fleet_item_by_child ON fleet_item (chair, child) WHERE child <> '';
"""
"""A chair whose clock was not set yet is undated: its items are in the default part."""
MAX_AGE = timedelta(days=3 * 366)
MAX_AHEAD = timedelta(days=32)


def make_tables(db: psycopg.Connection) -> None:
    """Makes what is not there."""
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        db.execute(TABLES)


def months_of(moments: Iterable[datetime], now: datetime) -> set[datetime]:
    """The first moments of the months that get a part: none that is far off."""
    near = (moment for moment in moments if now - MAX_AGE < moment < now + MAX_AHEAD)
    return {datetime(moment.year, moment.month, 1, tzinfo=UTC) for moment in near}


def make_month(db: psycopg.Connection, month: datetime) -> None:
    """Makes the part of a month."""
    following = (month + timedelta(days=32)).replace(day=1)
    name = f"fleet_item_{month:%Y_%m}"
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        db.execute(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF fleet_item"
            f" FOR VALUES FROM ('{month:%Y-%m-%d}+00') TO ('{following:%Y-%m-%d}+00')"
        )
