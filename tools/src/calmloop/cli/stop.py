"""`calmloop stop`: stops the chair at once."""

from calmloop.cli.operator import caregiver, tell


def stop() -> None:
    """Stops the chair at once, and waits until it reports that it is still.

    Exit code 0: it is still. 1: nobody confirmed it, press the red button.
    """
    with caregiver() as client:
        tell(client.stop())
