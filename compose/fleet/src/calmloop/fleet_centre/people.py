"""Who may see the page of the fleet: a name and a password, as an Argon2 hash in the database."""

import re
from functools import cache

import psycopg
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from calmloop.base.errors import InputError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with 19 MiB and two passes, as OWASP's password storage cheat sheet has it."""
NAME = re.compile(r"[^\W_][\w .'-]{0,39}")
MIN_PASSWORD, MAX_PASSWORD = 12, 200
PUT = (
    "INSERT INTO fleet_person (name, password) VALUES (%s, %s)"
    " ON CONFLICT (name) DO UPDATE SET password = excluded.password"
)
FIND = "SELECT password FROM fleet_person WHERE name = %s"
REMOVE = "DELETE FROM fleet_person WHERE name = %s"


def put_person(db: psycopg.Connection, name: str, password: str) -> None:
    """Adds somebody, or gives them another password.

    Raises:
        InputError: the name or the password cannot be one.
        psycopg.Error: the database cannot be used.
    """
    if not NAME.fullmatch(name):
        raise InputError("name: 1 to 40 letters, digits, spaces, . ' -; it begins with a letter")
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InputError(f"password: {MIN_PASSWORD} to {MAX_PASSWORD} characters are needed")
    db.execute(PUT, (name.casefold(), HASHER.hash(password)))


def remove_person(db: psycopg.Connection, name: str) -> None:
    """Removes somebody.

    Raises:
        InputError: there is none of this name.
        psycopg.Error: the database cannot be used.
    """
    if db.execute(REMOVE, (name.casefold(),)).rowcount == 0:
        raise InputError(f"name: '{name[:40]}' is nobody")


def password_of(db: psycopg.Connection, name: str) -> str | None:
    """The hash of somebody's password; None: nobody has this name."""
    found = db.execute(FIND, (name.casefold(),)).fetchone()
    return str(found[0]) if found else None


def password_fits(kept: str | None, given: str) -> bool:
    """Whether it is the password; takes as long where there is none."""
    try:
        return HASHER.verify(kept or _nobodys(), given) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody's password")
