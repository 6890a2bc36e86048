"""What can go wrong when a release is made."""


class CannotReleaseError(Exception):
    """Something is missing or not as a release has it; the text says what to do."""
