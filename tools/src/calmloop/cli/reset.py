"""`calmloop reset`: unlatches a stop."""

from calmloop.cli.operator import caregiver, tell


def reset() -> None:
    """Unlatches a stop, once nothing speaks against it. It starts nothing."""
    with caregiver() as client:
        tell(client.reset())
