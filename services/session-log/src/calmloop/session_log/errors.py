"""What can go wrong with the log, each with what to do."""

from calmloop.base.errors import CalmloopError


class LogError(CalmloopError):
    """The log cannot do what was asked; the text says why and what to do."""


class NotOpenError(LogError):
    """The log is still being checked."""


class UnknownRecordError(LogError):
    """There is no such child or session."""


class UnwritableLogError(LogError):
    """The disk takes no more, or the folder cannot be written."""


class DamagedRowError(LogError):
    """A row is not what was written: a bit of it has changed, or its key is not here."""
