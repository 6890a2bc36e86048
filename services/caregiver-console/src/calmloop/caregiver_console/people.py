"""Who may log in: names, roles and PINs as Argon2 hashes, in one file of this user alone."""

import json
import os
import re
import tempfile
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from calmloop.base.errors import ConfigurationError, InputError
from calmloop.caregiver_console.actors import Role

FILE = "users.json"
MAX_USERS = 100
MEMORY_KIB = 19 * 1024
"""Argon2id with 19 MiB and two passes, as OWASP's password storage cheat sheet has it."""
HASHER = PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)
PIN = re.compile(r"[0-9]{6,12}")
NAME = re.compile(r"[^\W_][\w .'-]{0,39}")


class ConsoleUser(BaseModel):
    """Somebody who may log in."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(max_length=40)
    role: Role
    pin_hash: str = Field(max_length=200)


_USERS = TypeAdapter(tuple[ConsoleUser, ...])


class UserFile:
    """The users; read anew when the file changes, as when a command adds one."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._read: tuple[int, int] | None = None
        self._users: dict[str, ConsoleUser] = {}

    @property
    def exist(self) -> bool:
        """Whether anybody can log in; callable from any thread."""
        return self._path.exists()

    @property
    def users(self) -> list[ConsoleUser]:
        """All of them, by name.

        Raises:
            ConfigurationError: the file is damaged.
        """
        self._refresh()
        return sorted(self._users.values(), key=lambda user: user.name.casefold())

    def find(self, name: str) -> ConsoleUser | None:
        """The user of that name, whatever its case.

        Raises:
            ConfigurationError: the file is damaged.
        """
        self._refresh()
        return self._users.get(name.casefold())

    def add(self, name: str, pin: str, role: Role) -> None:
        """Adds a user, or gives one another PIN and role.

        Raises:
            InputError: the name or the PIN cannot be one.
            ConfigurationError: the file is damaged, or there are too many.
        """
        if not NAME.fullmatch(name):
            raise InputError(
                "name: 1 to 40 letters, digits, spaces, . ' -; it begins with a letter"
            )
        if not PIN.fullmatch(pin):
            raise InputError("pin: 6 to 12 digits are needed")
        self._refresh()
        if name.casefold() not in self._users and len(self._users) >= MAX_USERS:
            raise ConfigurationError(f"{self._path}: {MAX_USERS} users are the most: remove one")
        user = ConsoleUser(name=name, role=role, pin_hash=HASHER.hash(pin))
        self._write({**self._users, name.casefold(): user})

    def remove(self, name: str) -> None:
        """Removes a user.

        Raises:
            InputError: there is none of this name, or it is the last technician.
            ConfigurationError: the file is damaged.
        """
        self._refresh()
        left = {key: user for key, user in self._users.items() if key != name.casefold()}
        if len(left) == len(self._users):
            raise InputError(f"name: '{name[:40]}' is nobody: `GET /api/users` has them all")
        if not any(user.role is Role.TECHNICIAN for user in left.values()):
            raise InputError("name: the last technician stays: add another one first")
        self._write(left)

    def _refresh(self) -> None:
        try:
            found = self._path.stat()
        except OSError:
            self._users, self._read = {}, None
            return
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp == self._read:
            return
        try:
            users = _USERS.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            raise ConfigurationError(
                f"{self._path}: cannot be read, or is damaged: restore it, or remove it and add the"
                " users again by `calmloop console user add`"
            ) from None
        self._users = {user.name.casefold(): user for user in users}
        self._read = stamp

    def _write(self, users: dict[str, ConsoleUser]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        values = [user.model_dump(mode="json") for user in users.values()]
        # A file of its own name appears whole or not at all; mkstemp's is 0600.
        handle, written = tempfile.mkstemp(dir=self._path.parent, prefix=f".{FILE}")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(written).replace(self._path)
        self._read = None
        self._refresh()


@cache
def _nobodys() -> str:
    return HASHER.hash("000000 is nobody's")


def pin_fits(user: ConsoleUser | None, pin: str) -> bool:
    """Whether it is the user's PIN; takes as long where there is no such user."""
    try:
        return HASHER.verify(user.pin_hash if user else _nobodys(), pin) and user is not None
    except (Argon2Error, InvalidHashError):
        return False
