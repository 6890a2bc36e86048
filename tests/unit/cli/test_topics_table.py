"""`calmloop topics` prints the registry, or puts it into a page between two marks."""

from pathlib import Path

from typer.testing import CliRunner

from calmloop.cli.main import app
from calmloop.cli.topics_table import BEGIN, END, markdown


def test_the_table_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\n| old |\n{END}\nafter\n")
    assert CliRunner().invoke(app, ["topics", "--into", str(page)]).exit_code == 0
    assert page.read_text() == f"before\n{BEGIN}\n{markdown()}\n{END}\nafter\n"


def test_a_page_without_marks_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here\n")
    result = CliRunner().invoke(app, ["topics", "--into", str(page)])
    assert result.exit_code == 2
    assert BEGIN in result.output
    assert page.read_text() == "nothing here\n"


def test_a_page_that_is_no_text_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"\xff\xfe")
    result = CliRunner().invoke(app, ["topics", "--into", str(page)])
    assert result.exit_code == 2
    assert "name a page in UTF-8" in result.output
