"""The README tells the truth: its table of topics is the registry's."""

from pathlib import Path

from calmloop.cli.topics_table import markdown

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_table_of_topics_is_the_registry() -> None:
    assert markdown() in README.read_text()
