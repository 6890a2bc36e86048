"""The READMEs tell the truth: what the code knows stands in them only as the code prints it."""

import re
from pathlib import Path

import pytest

from calmloop.cli.topics_table import markdown

ROOT = Path(__file__).resolve().parents[3]
README = ROOT / "README.md"
HEADING = re.compile(r"^\|(.*)\|\n\|[ :|-]+\|$", re.MULTILINE)


def test_the_table_of_topics_is_the_registry() -> None:
    assert markdown() in README.read_text()


@pytest.mark.parametrize(
    "service", sorted(p.parent.name for p in ROOT.glob("services/*/README.md"))
)
def test_a_service_repeats_no_table_of_settings_and_says_where_they_are(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text()
    for heading in HEADING.findall(text):
        assert not re.search(r"\b(default|bounds)\b", heading), "`calmloop settings` prints them"
    assert "docs/reference/settings.md)" in text
