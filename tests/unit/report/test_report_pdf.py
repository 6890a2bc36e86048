"""The printed report: its text is found again, and it is tagged as PDF/UA asks."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from calmloop.report.language import ReportLanguage, catalogue
from calmloop.report.making import make_report
from calmloop.report.reading import LogAddress
from tests.unit.report.report_rig import BARE, CHILD, THINNED, WHOLE

RENDER_S = 300
MAX_BYTES = 400_000


def text_of(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def tags(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each element of the structure tree, and what it says."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, list):
        for child in node:
            yield from tags(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"]), dict(node)
        yield from tags(node.get("/K"))


def check_accessible(pdf: PdfReader, language: ReportLanguage, figures: int) -> None:
    root: Any = pdf.trailer["/Root"].get_object()
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None and pdf.metadata.title
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_object().get_data() or (
        b"<pdfuaid:part>1" in root["/Metadata"].get_object().get_data()
    )
    found = list(tags(root["/StructTreeRoot"]))
    kinds = {kind for kind, _ in found}
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Table", "/TR", "/TH", "/TD"} <= kinds
    pictures = [said for kind, said in found if kind == "/Figure"]
    assert len(pictures) == figures
    assert all(len(said["/Alt"]) > 40 for said in pictures)
    pages: list[Any] = list(pdf.pages)
    for page in pages:
        for font in page["/Resources"]["/Font"].values():
            assert "SourceSansPro" in font.get_object()["/BaseFont"].replace("-", "")


def test_a_session_that_broke_off_is_printed_with_its_tags(log: LogAddress) -> None:
    pdf = PdfReader(io.BytesIO(make_report(BARE, log, ReportLanguage.LT)))
    told = text_of(pdf)
    for words in ("Seanso ataskaita", "Vaikas k7 · 2026 m. gegužės 2 d.", "Pabaiga nematyta"):
        assert words in told, words
    check_accessible(pdf, ReportLanguage.LT, figures=0)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_session_is_printed_in_german_with_its_text_its_tags_and_its_alternatives(
    log: LogAddress,
) -> None:
    made = make_report(WHOLE, log, ReportLanguage.DE)
    pdf = PdfReader(io.BytesIO(made))
    told = text_of(pdf)
    for words in ("Bericht einer Sitzung", "Kind k7 · 1. Mai 2026", "Verringert: Unbehagen war",
                  "<script>alert(1)</script>", "höchstens 60", "Das Kind ist in Not"):  # fmt: skip
        assert words in told, words
    assert pdf.metadata is not None
    assert str(pdf.metadata.title).startswith("Bericht einer Sitzung · Kind k7")
    check_accessible(pdf, ReportLanguage.DE, figures=3)
    assert len(made) < MAX_BYTES


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ReportLanguage)
def test_each_report_is_printed_in_each_language(log: LogAddress, language: ReportLanguage) -> None:
    words = catalogue(language)
    for name, figures in ((WHOLE, 3), (THINNED, 2), (CHILD, 1), (BARE, 0)):
        pdf = PdfReader(io.BytesIO(make_report(name, log, language)))
        told = text_of(pdf)
        title = words["title.course" if name == CHILD else "title.session"]
        assert title in told
        assert words["limit.finding"][:40] in told
        assert (words["missing.thinned"][:30] in told) == (name == THINNED)
        check_accessible(pdf, language, figures)


def started(asked: dict[str, Any]) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "calmloop.report"],
        input=json.dumps(asked).encode(),
        capture_output=True,
        timeout=RENDER_S,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_process_of_its_own_prints_it_or_says_why_not(log: LogAddress) -> None:
    asked = {"name": CHILD, "language": "lv", "zone": "Europe/Riga", **asdict(log)}
    done = started(asked)
    assert (done.returncode, done.stdout[:5]) == (0, b"%PDF-"), done.stderr
    assert "Europe/Riga" in text_of(PdfReader(io.BytesIO(done.stdout)))
    refused = started(asked | {"name": "nobody"})
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["kind"] == "NothingKeptError"
