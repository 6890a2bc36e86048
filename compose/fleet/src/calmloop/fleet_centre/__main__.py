"""Serves enrolment, and what a technician does at the centre: codes, revocation, people.

serve            enrolment and renewal, for devices
code CHAIR       a one-time code, with which a device becomes this chair
revoke CHAIR     takes a chair out of the fleet at once
person NAME      may see the page; the password is read from standard input
no-person NAME   may not any more
"""

import argparse
import getpass
import re
import sys
from collections.abc import Callable

import psycopg
import structlog
from pydantic import ValidationError

from calmloop.base import logs
from calmloop.base.clock import SystemClock
from calmloop.base.errors import CalmloopError, ConfigurationError, InputError
from calmloop.base.settings import LogSettings
from calmloop.contract.topic import CHAIR_ID_PATTERN
from calmloop.fleet_centre.authority import FleetAuthority
from calmloop.fleet_centre.broker import BrokerAccounts
from calmloop.fleet_centre.codes import VALID
from calmloop.fleet_centre.enrolment import Enrolment, enrolment_app
from calmloop.fleet_centre.people import put_person, remove_person
from calmloop.fleet_centre.register import FleetRegister
from calmloop.fleet_centre.serving import WebServer, tls_of
from calmloop.fleet_centre.settings import CentreSettings

EXIT_NOT_DONE = 1
EXIT_CONFIGURATION = 2


def serve(settings: CentreSettings, _name: str) -> None:
    """Enrolment and renewal."""
    log = structlog.get_logger("fleet-centre")
    clock = SystemClock()
    authority = FleetAuthority(settings.authority_file, settings.authority_key_file)
    register = FleetRegister(settings.postgres())
    enrolment = Enrolment(register, authority, BrokerAccounts(settings.broker()), clock, log)
    tls = tls_of(settings, clients=settings.authority_file)
    server = WebServer(enrolment_app(enrolment), str(settings.address), settings.port, tls)
    log.info("serves", port=server.port)
    server.run()


def code(settings: CentreSettings, chair: str) -> None:
    """Prints a code."""
    given = FleetRegister(settings.postgres()).give_code(_chair(chair), SystemClock().utc_now())
    print(given.written)
    minutes = VALID.total_seconds() / 60
    print(f"for '{chair}', once, within {minutes:.0f} minutes", file=sys.stderr)


def revoke(settings: CentreSettings, chair: str) -> None:
    """Takes a chair out: no further certificate, no account, no connection."""
    FleetRegister(settings.postgres()).revoke(_chair(chair))
    BrokerAccounts(settings.broker()).expel(chair)
    print(f"'{chair}' is out of the fleet")


def person(settings: CentreSettings, name: str) -> None:
    """Adds somebody."""
    asked = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    FleetRegister(settings.postgres())
    with psycopg.connect(settings.postgres(), autocommit=True) as db:
        put_person(db, name, asked)


def no_person(settings: CentreSettings, name: str) -> None:
    """Removes somebody."""
    with psycopg.connect(settings.postgres(), autocommit=True) as db:
        remove_person(db, name)


COMMANDS: dict[str, Callable[[CentreSettings, str], None]] = {
    "serve": serve,
    "code": code,
    "revoke": revoke,
    "person": person,
    "no-person": no_person,
}


def _chair(name: str) -> str:
    if not re.fullmatch(CHAIR_ID_PATTERN, name):
        raise InputError(f"'{name}': a chair has a-z, 0-9 and -, 40 at most")
    return name


def main() -> int:
    """Returns the exit code: 0 done, 1 something failed, 2 a setting or the name is wrong."""
    parser = argparse.ArgumentParser(
        prog="fleet-centre",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("name", nargs="?", default="")
    given = parser.parse_args()
    if (given.command == "serve") == bool(given.name):
        parser.error(f"{given.command}: {'no name' if given.name else 'a name is needed'}")
    logs.configure(LogSettings())
    try:
        COMMANDS[given.command](CentreSettings(), given.name)
    except (ConfigurationError, ValidationError) as error:
        print(f"fleet-centre: {error}", file=sys.stderr)
        return EXIT_CONFIGURATION
    except (CalmloopError, psycopg.Error, OSError) as error:
        print(f"fleet-centre: {error}", file=sys.stderr)
        return EXIT_NOT_DONE
    return 0


if __name__ == "__main__":
    sys.exit(main())
