"""What a report says, as the page before it is printed, of what the log's own interface tells."""

import re
from dataclasses import replace

import pytest

from calmloop.report import libraries
from calmloop.report.errors import LogAwayError, NothingKeptError, RendererError
from calmloop.report.language import ReportLanguage, Speaker
from calmloop.report.libraries import library
from calmloop.report.pages import Making, page_of
from calmloop.report.reading import LogAddress, RecordReader
from calmloop.report.records import RecordedCourse, RecordedSession
from tests.broker import free_port
from tests.unit.report.report_rig import BARE, CHILD, THINNED, WHOLE

TAGS = re.compile(r"<[^>]*>")


def page(log: LogAddress, name: str, language: ReportLanguage = ReportLanguage.EN) -> str:
    record = RecordReader(log).find(name)
    if isinstance(record, RecordedSession):
        record = replace(record, samples=[])  # what is drawn takes its time: see the PDF
    else:
        record = replace(record, sessions=[replace(s, samples=[]) for s in record.sessions])
    return page_of(record, Making(Speaker(language), 1_777_700_000_000))


def words(html: str) -> str:
    return " ".join(TAGS.sub(" ", html.partition("<body>")[2]).split())


def test_a_change_has_its_reason_and_signals_and_an_alarm_who_acknowledged_it(
    log: LogAddress,
) -> None:
    told = words(page(log, WHOLE))
    assert "3:00 35% → 30% Lowered: distress was seen. distress: a step down" in told
    assert "the face speaks of distress (+0.8); the heart is missing" in told
    assert "3:01 The child is in distress (critical) look at the child anna 7 s 3:25" in told
    assert "20% → 25% … 35%" in told
    assert "Rated: before: 2, unwell" in told
    assert "waiting for the chair to arm" not in told


def test_what_is_missing_is_said_and_is_no_zero(log: LogAddress) -> None:
    told = words(page(log, BARE))
    assert "Its end was not seen" in told
    assert "The log was away at its beginning" in told
    assert "No samples are kept of this session" in told
    assert "How the child was before was not rated." in told
    assert "Vibration – – – –" in told
    assert "Highest intensity – not recorded" in told
    assert not re.search(r"\b0 ?%", told)


def test_what_was_entered_does_not_become_html(log: LogAddress) -> None:
    for name in (WHOLE, CHILD):
        html = page(log, name)
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold" in html
    odd = RecordedCourse("<img src=x>\"'&", [])
    html = page_of(odd, Making(Speaker(ReportLanguage.EN), 0))
    assert "<img src=x>" not in html
    assert "&lt;img src=x&gt;" in html


def test_a_course_has_its_sessions_in_their_order_with_what_is_not_known(log: LogAddress) -> None:
    told = words(page(log, CHILD))
    days = ("01/05/2026", "02/05/2026", "03/05/2026")
    assert [told.index(f"{day} ") for day in days] == sorted(told.index(f"{d} ") for d in days)
    assert "1 / 3" in told
    assert "1 better, 0 the same, 0 worse" in told
    assert "Sessions whose length is not known, and that are in no sum: 1." in told


@pytest.mark.parametrize("name", ["nobody", "no such session", "../../v1/state", "K7", "x" * 200])
def test_what_is_not_kept_is_named_with_where_to_look(log: LogAddress, name: str) -> None:
    with pytest.raises(NothingKeptError, match="calmloop log list") as told:
        RecordReader(log).find(name)
    assert name[:64] in str(told.value)


def test_samples_and_events_of_all_pages_are_read(
    log: LogAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = RecordReader(log).find(WHOLE)
    monkeypatch.setattr("calmloop.report.reading.PAGE", 4)
    monkeypatch.setattr("calmloop.report.reading.SAMPLE_PAGE", 100)
    paged = RecordReader(log).find(WHOLE)
    assert isinstance(whole, RecordedSession)
    assert paged == whole
    assert len(whole.samples) == 720
    thinned = RecordReader(log).find(THINNED)
    assert isinstance(thinned, RecordedSession)
    assert len(thinned.samples) == 72


def test_a_log_that_is_away_or_refuses_says_what_to_do(log: LogAddress) -> None:
    with pytest.raises(LogAwayError, match=r"does not answer: start it"):
        RecordReader(replace(log, port=free_port())).find(WHOLE)
    with pytest.raises(LogAwayError, match=r"refuses \(401\)"):
        RecordReader(replace(log, token="another")).find(WHOLE)


def test_a_library_that_is_missing_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(RendererError, match=r"no_such, which is not installed.*`make reports`"):
        library("no_such.library")

    def fail(_name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'\n\nAdditionally, ...")

    monkeypatch.setattr(libraries, "import_module", fail)
    with pytest.raises(RendererError, match=r"'libpango-1.0-0'\).*apt-get install libpango"):
        library("weasyprint")
