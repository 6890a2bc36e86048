"""From HTML to PDF/UA, by WeasyPrint; nothing outside the page is fetched."""

import io
import logging

from calmloop.report.libraries import library

VARIANT = "pdf/ua-1"


def pdf_of(html: str) -> bytes:
    """The page as PDF, tagged, with its language and title.

    Raises:
        RendererError: WeasyPrint, or a library of the system that it needs, is missing.
    """
    weasyprint = library("weasyprint")
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    # The page holds its pictures itself; its typeface is a file. Nothing comes from elsewhere.
    fetcher = library("weasyprint.urls").URLFetcher(
        allowed_protocols=("data", "file"), allow_redirects=False
    )
    held = io.BytesIO()
    weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(held, pdf_variant=VARIANT)
    return held.getvalue()
