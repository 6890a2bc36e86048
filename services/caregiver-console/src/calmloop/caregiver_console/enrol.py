"""Adds somebody who may log in, where the `calmloop` command is not: in the console's container.

`docker compose exec caregiver-console python -m calmloop.caregiver_console.enrol NAME`
"""

import argparse
import sys
from getpass import getpass

from calmloop.base.errors import ConfigurationError, InputError
from calmloop.base.settings import load
from calmloop.caregiver_console.actors import Role
from calmloop.caregiver_console.people import UserFile
from calmloop.caregiver_console.settings import Settings

EXIT_CONFIGURATION = 2


def main(words: list[str] | None = None) -> int:
    """Adds one person; returns the exit code."""
    parser = argparse.ArgumentParser(prog="enrol", description="Adds somebody who may log in.")
    parser.add_argument("name")
    parser.add_argument("--role", choices=[role.value for role in Role], default=Role.TECHNICIAN)
    chosen = parser.parse_args(words)
    try:
        users = UserFile(load(Settings).caregiver_console.data_dir)
        users.add(chosen.name, asked_pin(), Role(chosen.role))
    except (ConfigurationError, OSError) as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIGURATION
    print(f"'{chosen.name}' may log in as {chosen.role}", file=sys.stderr)
    return 0


def asked_pin() -> str:
    """A PIN that is typed twice, unseen; from a pipe the first line is it.

    Raises:
        InputError: the second was another one.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    first = getpass("PIN, 6 to 12 digits: ")
    if getpass("the same again: ") != first:
        raise InputError("pin: the second was another one: try again")
    return first


if __name__ == "__main__":
    sys.exit(main())
