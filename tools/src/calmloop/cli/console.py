"""`calmloop console`: who may log in at the caregiver's console of this machine."""

from typing import Annotated

import typer

from calmloop.base import settings
from calmloop.caregiver_console import Role, Settings, UserFile, asked_pin
from calmloop.cli.failures import failures_reported, say

app = typer.Typer(help="The caregiver's console.", no_args_is_help=True)
user = typer.Typer(help="Who may log in at it.", no_args_is_help=True)
app.add_typer(user, name="user")


@app.callback()
def console() -> None:
    """The caregiver's console."""


@user.command()
def add(
    name: Annotated[str, typer.Argument(help="Theirs, as it is to stand in the record.")],
    role: Annotated[Role, typer.Option(help="A technician may add others at the console.")] = (
        Role.TECHNICIAN
    ),
) -> None:
    """Adds somebody, or gives them another PIN and role; asks for the PIN, or reads it."""
    with failures_reported():
        _users().add(name, asked_pin(), role)
    say(f"'{name}' may log in as {role}")


@user.command("list")
def list_() -> None:
    """Prints who may log in, with the role."""
    with failures_reported():
        for somebody in _users().users:
            typer.echo(f"{somebody.name}\t{somebody.role}")


@user.command()
def remove(name: Annotated[str, typer.Argument(help="Whose logins end.")]) -> None:
    """Removes somebody; the last technician stays."""
    with failures_reported():
        _users().remove(name)
    say(f"'{name}' may not log in any more")


def _users() -> UserFile:
    return UserFile(settings.load(Settings).caregiver_console.data_dir)
