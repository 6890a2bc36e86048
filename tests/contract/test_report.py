"""`calmloop report` of a session that the running session log has heard on the bus."""

from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from calmloop.cli.main import app
from tests.broker import Broker
from tests.contract.log_harness import ID, STATE, LogClient, logging
from tests.contract.test_session_log import ended, play
from tests.processes import Client


def report(folder: Path, log: LogClient, *words: str) -> Result:
    settings = {
        "CALMLOOP_SESSION_LOG__DATA_DIR": str(folder),
        "CALMLOOP_SESSION_LOG__HTTP_PORT": str(log.port),
    }
    return CliRunner().invoke(app, ["report", *words], env=settings | {"COLUMNS": "300"})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_heard_is_printed_until_the_child_is_erased(
    broker: Broker, tmp_path: Path
) -> None:
    out = tmp_path / "k7.pdf"
    with logging(broker, tmp_path) as (_, log), Client(broker) as client:
        client.subscribe(STATE)
        play(client)
        ended(client)
        written = report(tmp_path, log, ID, "--output", str(out), "--language", "de")
        assert written.exit_code == 0, written.output
        told = " ".join(page.extract_text() for page in PdfReader(out).pages)
        assert "Kind k7" in told
        assert "Beendet: starkes oder anhaltendes Unbehagen." in told
        assert "anna" in told
        assert log.ask("/v1/children/k7?confirm=k7", "DELETE")[0] == 200
        out.unlink()
        for gone in (ID, "k7"):
            refused = report(tmp_path, log, gone, "--output", str(out))
            assert refused.exit_code == 2
            assert f"'{gone}'" in refused.output
            assert "calmloop log list" in refused.output
        assert not out.exists()
    away = report(tmp_path, log, ID, "--output", str(out))
    assert away.exit_code == 1
    assert "does not answer: start it" in away.output


def test_without_a_log_it_says_where_it_looked(tmp_path: Path) -> None:
    settings = {"CALMLOOP_SESSION_LOG__DATA_DIR": str(tmp_path / "none")}
    result = CliRunner().invoke(app, ["report", "k7"], env=settings)
    assert result.exit_code == 2
    assert "check session_log.data_dir" in result.output.replace("\n", " ")
