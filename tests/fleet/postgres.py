"""A real PostgreSQL on a socket of the test's own."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from calmloop.demo.children import start_child

PLACES = ("", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True))
ACCOUNT = "postgres"
"""It refuses root."""
END_S = 30.0
OPTIONS = ("-c", "listen_addresses=", "-c", "shared_buffers=32MB")


def program(name: str) -> str | None:
    """Where one of its programs is."""
    found = (shutil.which(name, path=place or None) for place in reversed(PLACES))
    return next(filter(None, found), None)


class Postgres:
    """Runs while the context is open."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._folder = Path(tempfile.mkdtemp(prefix="calmloop-pg-"))
        shutil.chown(self._folder, ACCOUNT, ACCOUNT)
        self._folder.chmod(0o711)

    @property
    def address(self) -> str:
        """How to connect."""
        return self.address_of(ACCOUNT)

    def address_of(self, account: str) -> str:
        """How an account of its own connects."""
        return f"postgresql://{account}@/postgres?host={self._folder}"

    def __enter__(self) -> "Postgres":
        data = self._folder / "data"
        self._as_account(program("initdb"), "-D", data, "-A", "trust", "-N", "-E", "UTF8")
        command = [program("postgres"), "-D", data, "-k", self._folder, *OPTIONS]
        self._child = start_child(self._dropped(*command), log=self._log)
        ready = program("pg_isready")
        subprocess.run(
            ["sh", "-c", f"until {ready} -q -h {self._folder}; do sleep 0.1; done"],
            timeout=END_S,
            check=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._child.send_signal(signal.SIGINT)
        self._child.wait(END_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.address, autocommit=True) as db:
            found = db.execute(sql, values)
            return found.fetchall() if found.description else []

    def _as_account(self, *command: Any) -> None:
        subprocess.run(self._dropped(*command), check=True, capture_output=True)

    def _dropped(self, *command: Any) -> list[str]:
        setpriv = ("setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups")
        return [*setpriv, *map(str, command)]
