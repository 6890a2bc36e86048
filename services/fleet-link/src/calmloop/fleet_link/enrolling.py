"""Makes this device a chair of a fleet, by a code that a technician was given at the centre.

python -m calmloop.fleet_link enrol CENTRE CODE [--authority FILE] [--into FOLDER]
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from calmloop.base.errors import CalmloopError, InputError
from calmloop.contract.messages.fleet import EnrolmentRequest
from calmloop.fleet_link.device_files import AUTHORITY, DeviceFolder
from calmloop.fleet_link.renewal_client import ENROL, ask_centre, trusting

DEFAULT_PORT = 8471
EXIT_NOT_DONE = 1


def enrol(centre: str, code: str, authority: Path, folder: Path, owner: int | None = None) -> str:
    """Makes the device's key where there is none, and has the centre sign it.

    Args:
        centre: Its name, as its certificate has it; `NAME:PORT` where it is not at 8471.
        code: The one-time code.
        authority: The fleet's certificate, which is no secret.
        folder: Where the device's files are, or will be.
        owner: Which user they belong to at the end; None: whoever calls this.

    Returns:
        The chair's name in the fleet.

    Raises:
        InputError: an argument cannot be used, or the centre refuses.
        OutputError: the files cannot be written.
    """
    host, port = _place(centre)
    try:
        trusted = authority.read_bytes()
        context = trusting(authority)
    except OSError as error:
        raise InputError(f"{authority}: is no certificate of a fleet ({error})") from None
    device = DeviceFolder(folder)
    asked = EnrolmentRequest(code=code[:40] or "-", request=device.request())
    try:
        made = ask_centre(host, port, context, ENROL, asked.model_dump_json().encode())
    except OSError as error:
        raise InputError(f"the centre at {host}:{port}: {error}") from None
    device.keep(made.certificate, trusted)
    if owner is not None:
        device.give_to(owner)
    return made.chair


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 done, 1 it could not be done."""
    parser = argparse.ArgumentParser(prog="fleet-link enrol", description=__doc__)
    parser.add_argument("centre")
    parser.add_argument("code")
    parser.add_argument("--authority", type=Path)
    parser.add_argument("--into", type=Path, default=Path("/run/fleet"))
    given = parser.parse_args(arguments)
    try:
        authority = given.authority or given.into / AUTHORITY
        chair = enrol(given.centre, given.code, authority, given.into)
    except CalmloopError as error:
        print(f"fleet-link: {error}", file=sys.stderr)
        return EXIT_NOT_DONE
    print(f"this device is '{chair}' in the fleet")
    return 0


def _place(centre: str) -> tuple[str, int]:
    host, _, port = centre.partition(":")
    if not host or (port and not port.isdigit()):
        raise InputError(f"'{centre}': name the centre as NAME or NAME:PORT")
    return host, int(port or DEFAULT_PORT)
