"""What can go wrong with a report.

ReportError
├── NothingKeptError     no such session or child, or its key is gone
├── LogAwayError         the session log does not answer, or refuses
└── RendererError        what renders is not installed
"""


class ReportError(Exception):
    """Base of all; the text says what to do."""


class NothingKeptError(ReportError):
    """Nothing can be read under the name that was given."""


class LogAwayError(ReportError):
    """The session log does not answer, or not as it should."""


class RendererError(ReportError):
    """A library that renders is missing."""
