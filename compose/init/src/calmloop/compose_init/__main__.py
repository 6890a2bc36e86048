"""`prepare` before every start; `check`, `show` and `renew` for the person who looks after it."""

import argparse
import sys

from pydantic import ValidationError

from calmloop.base.errors import ConfigurationError
from calmloop.compose_init import configuration
from calmloop.compose_init.prepare import prepare
from calmloop.compose_init.settings import InitSettings
from calmloop.compose_init.vault import Vault
from calmloop.contract.accounts import PEOPLE, Account

EXIT_FAILED = 1
EXIT_CONFIGURATION = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = InitSettings.load()
    except ValidationError as error:
        for fault in error.errors():
            print(f"CALMLOOP_{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        return EXIT_CONFIGURATION
    try:
        _obey(chosen, settings)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIGURATION
    except OSError as error:
        print(
            f"{error.filename or 'a volume'}: {error.strerror}: make room on the disk, or check the"
            " volume; what was there before is whole",
            file=sys.stderr,
        )
        return EXIT_FAILED
    return 0


def _obey(chosen: argparse.Namespace, settings: InitSettings) -> None:
    if chosen.command == "check":
        configuration.check(settings.compose)
        print(f"good: every service accepts {configuration.NAME} and .env", file=sys.stderr)
        return
    vault = Vault(settings.vault)
    if chosen.command == "renew":
        vault.forget(chosen.account)
    prepare(settings)
    if chosen.command == "show":
        _show(chosen.what, vault)
    if chosen.command == "renew":
        print(f"{chosen.account} has a new password; now: docker compose restart", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="init", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="make what is missing: accounts, certificates, broker")
    commands.add_parser("check", help="would every service accept calmloop.yaml and .env?")
    show = commands.add_parser("show", help="print a password, or the certificate to trust")
    show.add_argument("what", choices=[*sorted(PEOPLE), "ca"])
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
