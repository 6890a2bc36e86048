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
CREATE TABLE IF NOT EXISTS fleet_refused (
    chair text NOT NULL, epoch text NOT NULL, seq bigint NOT NULL, last bigint NOT NULL,
    child text NOT NULL, reason text NOT NULL, item bytea NOT NULL,
    stored timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (chair, epoch, seq)
);
CREATE TABLE IF NOT EXISTS fleet_trouble (
    chair text NOT NULL, what text NOT NULL, count bigint NOT NULL, reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (chair, what)
);
CREATE TABLE IF NOT EXISTS fleet_latest (
    chair text NOT NULL, what text NOT NULL, name text NOT NULL, at timestamptz NOT NULL,
    since timestamptz NOT NULL, data jsonb NOT NULL, PRIMARY KEY (chair, what, name)
);
CREATE TABLE IF NOT EXISTS fleet_chair (
    chair text PRIMARY KEY, serial text NOT NULL, expires timestamptz NOT NULL,
    enrolled timestamptz NOT NULL DEFAULT now(), revoked timestamptz
);
CREATE TABLE IF NOT EXISTS fleet_code (
    name text PRIMARY KEY, chair text NOT NULL UNIQUE, digest bytea NOT NULL,
    expires timestamptz NOT NULL, failed integer NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS fleet_person (name text PRIMARY KEY, password text NOT NULL);
"""
"""A chair whose clock was not set yet is undated: its items are in the default part."""
PAGE_ACCOUNT = "fleet_page"
MAY_READ = f"""
GRANT SELECT ON fleet_progress, fleet_trouble, fleet_latest, fleet_chair, fleet_person
    TO {PAGE_ACCOUNT};
GRANT SELECT (chair, epoch, seq, last, reason, stored) ON fleet_refused TO {PAGE_ACCOUNT};
"""
"""All that the page's account may: nothing in which a child has a number."""
MAX_AGE = timedelta(days=3 * 366)
MAX_AHEAD = timedelta(days=32)


def make_tables(db: psycopg.Connection) -> None:
    """Makes what is not there."""
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        db.execute(TABLES)
        sql = "SELECT 1 FROM pg_roles WHERE rolname = %s"
        if db.execute(sql, (PAGE_ACCOUNT,)).fetchone():
            db.execute(MAY_READ)


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
