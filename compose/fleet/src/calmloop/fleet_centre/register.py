"""Who is in the fleet, as the database has it: codes, and each chair's certificate."""

from collections.abc import Callable
from datetime import datetime

import psycopg

from calmloop.base.errors import InputError
from calmloop.fleet_centre.authority import SignedCertificate
from calmloop.fleet_centre.codes import VALID, KeptCode, OneTimeCode, code_fits, new_code
from calmloop.fleet_ingest.tables import make_tables

GIVE = (
    "INSERT INTO fleet_code (name, chair, digest, expires) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (chair) DO UPDATE SET name = excluded.name, digest = excluded.digest,"
    " expires = excluded.expires, failed = 0"
)
FIND = "SELECT chair, digest, expires, failed FROM fleet_code WHERE name = %s FOR UPDATE"
FAIL = "UPDATE fleet_code SET failed = failed + 1 WHERE name = %s"
USE = "DELETE FROM fleet_code WHERE name = %s"
KNOWN = "SELECT expires > %s, revoked IS NOT NULL FROM fleet_chair WHERE chair = %s"
IS_IN = "SELECT 1 FROM fleet_chair WHERE chair = %s AND revoked IS NULL"
JOIN = (
    "INSERT INTO fleet_chair (chair, serial, expires) VALUES (%s, %s, %s)"
    " ON CONFLICT (chair) DO UPDATE SET serial = excluded.serial, expires = excluded.expires,"
    " enrolled = now(), revoked = NULL"
)
RENEW = "UPDATE fleet_chair SET serial = %s, expires = %s WHERE chair = %s AND revoked IS NULL"
REVOKE = (
    "INSERT INTO fleet_chair (chair, serial, expires, revoked)"
    " VALUES (%s, '', 'infinity', now()) ON CONFLICT (chair) DO UPDATE SET revoked = now()"
)
UNCODE = "DELETE FROM fleet_code WHERE chair = %s"


class FleetRegister:
    """One connection for each thing that is asked: seldom, and the database may have been away."""

    def __init__(self, address: str) -> None:
        """Makes the tables where there are none.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        self._address = address
        with self._connected() as db:
            make_tables(db)

    def give_code(self, chair: str, now: datetime) -> OneTimeCode:
        """A code for a chair, in place of one that it was given before.

        A name is given once: whoever had its last certificate could come back with it.

        Raises:
            InputError: the name is a chair's that is in the fleet, or was taken out.
            psycopg.Error: the database cannot be used.
        """
        code = new_code()
        with self._connected() as db, db.transaction():
            found = db.execute(KNOWN, (now, chair)).fetchone()
            if found and found[0]:
                was = "was taken out of the fleet" if found[1] else "is in the fleet"
                raise InputError(f"'{chair}' {was}: give the device another name")
            db.execute(GIVE, (code.name, chair, code.digest, now + VALID))
        return code

    def use_code(
        self, given: OneTimeCode, now: datetime, sign: Callable[[str], SignedCertificate]
    ) -> tuple[str, SignedCertificate] | None:
        """Uses a code up, if it fits and `sign` succeeds.

        Args:
            given: What somebody has sent.
            now: The time.
            sign: Signs for a chair, and admits it; where it raises, the code stays good.

        Returns:
            The chair and its certificate; None: the code is none, is over, or has the wrong secret.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        with self._connected() as db, db.transaction():
            found = db.execute(FIND, (given.name,)).fetchone()
            kept = KeptCode(found[0], bytes(found[1]), found[2], found[3]) if found else None
            if not code_fits(kept, given, now) or kept is None:
                db.execute(FAIL, (given.name,))
                return None
            signed = sign(kept.chair)
            db.execute(USE, (given.name,))
            db.execute(JOIN, (kept.chair, signed.serial, signed.expires))
        return kept.chair, signed

    def is_in(self, chair: str) -> bool:
        """Whether a chair was enrolled, and not taken out.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        with self._connected() as db:
            return db.execute(IS_IN, (chair,)).fetchone() is not None

    def renew(self, chair: str, signed: SignedCertificate) -> bool:
        """Keeps which certificate a chair has now; False: it was taken out.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        with self._connected() as db:
            return db.execute(RENEW, (signed.serial, signed.expires, chair)).rowcount == 1

    def revoke(self, chair: str) -> None:
        """It gets no further certificate; a code that it was given is void.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        with self._connected() as db, db.transaction():
            db.execute(UNCODE, (chair,))
            db.execute(REVOKE, (chair,))

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self._address, autocommit=True, connect_timeout=5)
