"""Who may log in at the console of a demo."""

import secrets
from pathlib import Path

from calmloop.caregiver_console import Role, UserFile

NAME = "demo"
PIN_DIGITS = 6


def add_demo_user(data_dir: Path) -> tuple[str, str]:
    """Adds a technician with a PIN of its own.

    Args:
        data_dir: The console's.

    Returns:
        Its name and its PIN.
    """
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    UserFile(data_dir).add(NAME, pin, Role.TECHNICIAN)
    return NAME, pin
