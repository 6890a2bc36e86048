"""`prepare` before every start; `show` and `renew` for the person who looks after the device."""

import argparse
import sys

from pydantic import ValidationError

from calmloop.compose_init.prepare import prepare
from calmloop.compose_init.settings import InitSettings
from calmloop.compose_init.vault import Vault
from calmloop.topics import Account

PEOPLE = (Account.CAREGIVER.value, Account.MONITOR.value)
EXIT_CONFIGURATION = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = InitSettings()
    except ValidationError as error:
        for fault in error.errors():
            print(f"CALMLOOP_{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        return EXIT_CONFIGURATION
    vault = Vault(settings.vault)
    if chosen.command == "renew":
        vault.forget(chosen.account)
    prepare(settings)
    if chosen.command == "show":
        _show(chosen.what, vault)
    if chosen.command == "renew":
        print(f"{chosen.account} has a new password; now: docker compose restart", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="init", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="make what is missing: accounts, certificates, broker")
    show = commands.add_parser("show", help="print a password, or the certificate to trust")
    show.add_argument("what", choices=[*PEOPLE, "ca"])
    renew = commands.add_parser("renew", help="give an account a new password")
    renew.add_argument("account", choices=[account.value for account in Account])
    return parser


def _show(what: str, vault: Vault) -> None:
    """The value alone on stdout, for a shell to take; what it is on stderr, for a person."""
    if what == "ca":
        print(vault.authority().certificate.decode(), end="")
        return
    print(f"Password of the account '{what}':", file=sys.stderr)
    print(vault.credentials()[what].password)


if __name__ == "__main__":
    sys.exit(main())
