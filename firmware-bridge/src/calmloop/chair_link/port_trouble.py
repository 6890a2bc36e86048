"""Why a serial port cannot be opened, in words that say what to do."""

import errno
import grp
import os
from pathlib import Path

NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM})
NOT_THERE = frozenset({errno.ENOENT, errno.ENXIO, errno.ENODEV})
HELD = frozenset({errno.EBUSY, errno.EAGAIN})
NO_PORT = frozenset({errno.ENOTTY, errno.EISDIR, errno.EINVAL, errno.ENOTDIR})
MODEM_MANAGER = "ModemManager"


def explain(error: BaseException, name: str) -> str:
    """What is wrong with the port of a name, and the next step; else the error's own text.

    Args:
        error: What opening it raised.
        name: Its path.
    """
    number = _number(error)
    if number is None:
        return str(error)
    why = os.strerror(number)
    if number in NOT_ALLOWED:
        return f"{name} may not be opened ({why}): {_membership(name)}"
    if number in NOT_THERE:
        return f"{name} is not there ({why}): plug the chair in, or name another port"
    if number in HELD:
        return f"{name} is held by {_held_by(name)}"
    if number in NO_PORT:
        return f"{name} is no serial port ({why}): name the chair's, such as /dev/ttyACM0"
    return str(error)


def _number(error: BaseException | None) -> int | None:
    """The errno, which pyserial keeps or leaves in what it caught: an OSError or termios.error."""
    if error is None:
        return None
    number = getattr(error, "errno", None)
    if number is None and error.args and isinstance(error.args[0], int):
        number = error.args[0]
    return _number(error.__context__) if number is None else number


def _membership(name: str) -> str:
    try:
        group = grp.getgrgid(Path(name).stat().st_gid).gr_name
    except (OSError, KeyError):
        group = "dialout"
    return f"add this user to the group '{group}' (sudo usermod -aG {group} USER), and log in again"


def _held_by(name: str) -> str:
    holders = _holders(name)
    if not holders:
        return "another program: end it, or wait until it lets go"
    told = f"{', '.join(holders)}: end it"
    if any(MODEM_MANAGER in holder for holder in holders):
        told = (
            f"{MODEM_MANAGER}, which takes it for a modem for a while: see PROTOCOL.md, section 1"
        )
    return told


def _holders(name: str) -> list[str]:
    """The programs that have it open, as far as this user may see."""
    device = os.path.realpath(name)
    found = {}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        process = link.parts[2]
        if int(process) == os.getpid() or process in found:
            continue
        try:
            if os.path.realpath(link) == device:
                comm = (Path("/proc") / process / "comm").read_text().strip()
                found[process] = f"{comm} (process {process})"
        except OSError:
            continue
    return list(found.values())
