"""What makes a report is bounded in time and size, and what it says of itself is handed on."""

import asyncio
import sys
import tempfile
from pathlib import Path

import pytest

from calmloop.base.languages import Language
from calmloop.caregiver_console.report_process import Hindrance, ReportProcess, ReportRefusedError
from calmloop.report.language import ReportLanguage
from tests.stand_in_report import has_ended, stand_in

LANGUAGES = Path(__file__).resolve().parents[3] / "services/caregiver-console/page/src/languages"


def asked(language: str, zone: str = "") -> dict[str, str | int]:
    return {"name": "k7", "language": language, "zone": zone}


def refusal(reports: ReportProcess, language: str, zone: str = "") -> ReportRefusedError:
    with pytest.raises(ReportRefusedError) as refused:
        asyncio.run(reports.make(asked(language, zone)))
    assert not reports.busy
    return refused.value


def test_it_ends_with_its_time_and_with_its_size_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches = tmp_path / "caches"
    caches.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(caches))
    with stand_in(tmp_path) as other:
        slow = refusal(ReportProcess(other.python, limit_s=1.0), "lt")
        assert slow.hindrance is Hindrance.TOO_SLOW
        assert "not made within 1 s" in str(slow)
        large = refusal(ReportProcess(other.python, max_bytes=1000), "lv")
        assert large.hindrance is Hindrance.FAILED
        assert "more than 1000 bytes" in str(large)
    assert list(caches.iterdir()) == []


def test_who_stops_waiting_ends_it(tmp_path: Path) -> None:
    async def abandon() -> None:
        waiting = asyncio.create_task(reports.make(asked("lt")))
        process = await asyncio.to_thread(other.knocking)
        with pytest.raises(ReportRefusedError, match="another one is being made"):
            await reports.make(asked("en"))
        waiting.cancel()
        assert await asyncio.to_thread(has_ended, process)
        process.close()
        await asyncio.gather(waiting, return_exceptions=True)
        assert (await reports.make(asked("en"))).startswith(b"%PDF-")

    with stand_in(tmp_path) as other:
        reports = ReportProcess(other.python)
        asyncio.run(abandon())


def test_what_is_missing_is_said_and_what_crashed_too(tmp_path: Path) -> None:
    with stand_in(tmp_path) as other:
        reports = ReportProcess(other.python)
        assert asyncio.run(reports.missing()) == ""
        missing = refusal(reports, "en", "Mars")
        assert (missing.hindrance, str(missing)) == (Hindrance.NOT_INSTALLED, "Pango is missing")
        crashed = refusal(reports, "en", "Venus")
        assert crashed.hindrance is Hindrance.FAILED
        assert "ended with 3" in str(crashed)
    nowhere = ReportProcess(tmp_path / "nowhere")
    assert "caregiver_console.report_python" in asyncio.run(nowhere.missing())
    assert refusal(nowhere, "en").hindrance is Hindrance.NOT_INSTALLED


def test_a_python_without_it_says_what_to_install(tmp_path: Path) -> None:
    bare = tmp_path / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    assert "`make reports`" in asyncio.run(ReportProcess(bare).missing())


def test_reports_are_written_in_the_languages_of_the_pages() -> None:
    pages = {path.stem for path in LANGUAGES.glob("*.json")}
    assert pages == {*map(str, Language)} == {*map(str, ReportLanguage)}
