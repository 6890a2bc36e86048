"""The words of a report: complete in each language, and the console's own where it has them."""

import json
import re
from pathlib import Path

import pytest

from calmloop.report.language import ReportLanguage, Speaker, catalogue
from calmloop.report.records import RecordedSession
from calmloop.report.telling import PEOPLE, TROUBLE, deed
from calmloop.session_log.records import LogEventKind

ROOT = Path(__file__).resolve().parents[3]
CONSOLE = ROOT / "services/caregiver-console/page/src/languages"
SOURCE = ROOT / "tools/reports/src/calmloop/report"
S = "\N{NO-BREAK SPACE}"
FILLED = re.compile(r"{(\w+)}")
FORMS = ("one", "few", "many", "zero", "other")
AT_MS = 1_777_636_800_000  # 1 May 2026, noon in UTC


@pytest.mark.parametrize("language", ReportLanguage)
def test_each_language_says_all_of_it_with_the_same_values(language: ReportLanguage) -> None:
    english, words = catalogue(ReportLanguage.EN), catalogue(language)
    assert set(words) == set(english)
    assert all(text.strip() for text in words.values())
    for key, text in words.items():
        assert set(FILLED.findall(text)) == set(FILLED.findall(english[key])), key


@pytest.mark.parametrize("language", ReportLanguage)
def test_what_the_console_says_too_is_said_in_its_words(language: ReportLanguage) -> None:
    console = json.loads((CONSOLE / f"{language}.json").read_text())
    both = {key: text for key, text in catalogue(language).items() if key in console}
    assert len(both) > 40
    assert both == {key: console[key] for key in both}


@pytest.mark.parametrize("group", ["alarm", "change", "rating", "signal", "saying", "calibration"])
def test_whatever_the_console_can_name_a_report_can(group: str) -> None:
    console = json.loads((CONSOLE / "en.json").read_text())
    left = {"alarm.acknowledge", "alarm.acknowledged", "alarm.open", "change.by"}
    named = {key for key in console if key.startswith(f"{group}.")} - left
    assert named
    assert named <= set(catalogue(ReportLanguage.EN))


def test_every_key_that_the_source_asks_for_is_there() -> None:
    texts = "".join(
        path.read_text() for path in [*SOURCE.glob("*.py"), *SOURCE.glob("templates/*.html")]
    )
    keys = set(catalogue(ReportLanguage.EN))
    known = keys | {key.removesuffix(f".{form}") for key in keys for form in FORMS}
    groups = "|".join({key.split(".")[0] for key in keys})
    asked = set(re.findall(rf"""["']((?:{groups})(?:\.[a-zA-Z]+)+)["']""", texts))
    assert len(asked) > 90
    assert asked <= known


def test_each_kind_of_event_that_a_table_tells_of_has_a_name() -> None:
    speaker = Speaker(ReportLanguage.EN)
    for kind in (*PEOPLE, *TROUBLE):
        assert LogEventKind(kind)
        event = {"kind": kind, "data": {}, "text": "", "by": "", "at_ms": AT_MS}
        assert not deed(event, "0:00", speaker).what.startswith("kind.")


@pytest.mark.parametrize(
    ("language", "date", "number", "percent"),
    [
        (ReportLanguage.EN, "1 May 2026", "1,234.5", "35%"),
        (ReportLanguage.DE, "1. Mai 2026", "1.234,5", f"35{S}%"),
        (
            ReportLanguage.LT,
            "2026 m. gegužės 1 d.",
            f"1{S}234,5",
            f"35{S}%",
        ),
        (ReportLanguage.LV, "2026. gada 1. maijs", f"1{S}234,5", "35%"),
    ],
)
def test_dates_and_numbers_are_as_the_language_writes_them(
    language: ReportLanguage, date: str, number: str, percent: str
) -> None:
    speaker = Speaker(language)
    assert speaker.date(AT_MS) == date
    assert speaker.number(1234.5, 1) == number
    assert speaker.percent(0.35) == percent
    assert speaker.number(None) == speaker.percent(None) == "–"


def test_no_report_names_a_disease_or_promises_to_heal() -> None:
    forbidden = re.compile(r"autis|adhs|adhd|therap|terapi|heilt|cure|heals|diagnos", re.IGNORECASE)
    for language in ReportLanguage:
        assert not [text for text in catalogue(language).values() if forbidden.search(text)]


def test_a_session_without_events_has_a_beginning_of_which_nothing_is_known() -> None:
    session = RecordedSession({"id": "x", "began_ms": 5, "ended_ms": None})
    assert set(session.beginning.values()) == {None}
    assert (session.length_s, session.cut_off) == (0, True)
