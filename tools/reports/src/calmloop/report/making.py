"""Makes a report: reads the log, and hands back a PDF."""

import time
from datetime import tzinfo

from calmloop.report.language import ReportLanguage, Speaker
from calmloop.report.pages import Making, page_of
from calmloop.report.printing import pdf_of
from calmloop.report.reading import LogAddress, RecordReader


def make_report(
    name: str, address: LogAddress, language: ReportLanguage, zone: tzinfo | None = None
) -> bytes:
    """The report of a session or of a child's course, as PDF/UA.

    Args:
        name: A session's id, or a child's code.
        address: Of the session log.
        language: What it is written in.
        zone: Of its times; None: this machine's.

    Raises:
        NothingKeptError: there is neither such a session nor such a child.
        LogAwayError: the log does not answer, or refuses.
        RendererError: something that renders is not installed.
    """
    record = RecordReader(address).find(name)
    making = Making(Speaker(language, zone), round(time.time() * 1000))
    return pdf_of(page_of(record, making))
