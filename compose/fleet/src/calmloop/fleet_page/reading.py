"""Reads what the page shows. Its account may read little, and its connection writes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from calmloop.fleet_centre.people import password_of
from calmloop.fleet_page.chairs import FleetChair, Known, NotStored

PAGE = 100
"""Chairs at a time."""
OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=5000"
NAMES = (
    "SELECT chair FROM (SELECT chair FROM fleet_progress UNION SELECT chair FROM fleet_chair) AS of"
    " WHERE chair > %s ORDER BY chair LIMIT %s"
)
HEARD = "SELECT chair, max(seen) FROM fleet_progress WHERE chair = ANY(%s) GROUP BY chair"
CERTIFIED = (
    "SELECT chair, NULLIF(expires, 'infinity'), revoked FROM fleet_chair WHERE chair = ANY(%s)"
)
LATEST = "SELECT chair, what, name, data, at, since FROM fleet_latest WHERE chair = ANY(%s)"
TROUBLES = "SELECT chair, what, count, reason, at FROM fleet_trouble WHERE chair = ANY(%s)"


class FleetReader:
    """Opens a connection for each thing that is asked."""

    def __init__(self, address: str) -> None:
        self._address = address

    def chairs(self, after: str) -> tuple[list[FleetChair], bool]:
        """Chairs by name, and whether there are more.

        Args:
            after: Only those whose names come later.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        with self._connected() as db:
            names = [str(name) for (name,) in db.execute(NAMES, (after, PAGE + 1))]
            chairs = {name: FleetChair(name) for name in names[:PAGE]}
            shown = list(chairs)
            for name, heard in db.execute(HEARD, (shown,)):
                chairs[name].heard = heard
            for name, expires, revoked in db.execute(CERTIFIED, (shown,)):
                chairs[name].expires, chairs[name].revoked = expires, revoked
            for name, what, of, data, at, since in db.execute(LATEST, (shown,)):
                chairs[name].latest[what][of] = Known(data, at, since)
            for name, what, *of in db.execute(TROUBLES, (shown,)):
                chairs[name].troubles[what] = NotStored(*of)
        return list(chairs.values()), len(names) > PAGE

    def every_chair(self) -> Iterator[FleetChair]:
        """All of them, by name.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        after, more = "", True
        while more:
            chairs, more = self.chairs(after)
            yield from chairs
            if not chairs:
                return
            after = chairs[-1].name

    def password_of(self, name: str) -> str | None:
        """The hash of somebody's password.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        with self._connected() as db:
            return password_of(db, name)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(
            self._address, autocommit=True, connect_timeout=5, options=OPTIONS
        ) as db:
            yield db
