"""The README tells the truth: its table is the registry's, its links and commands exist."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from calmloop.cli.main import app
from calmloop.cli.topics_table import markdown

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text()
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
)


def test_the_table_of_topics_is_the_registry() -> None:
    assert markdown() in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_it_names_exist(page: Path) -> None:
    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    for name in re.findall(r"`calmloop ([a-z-]+)", page.read_text()):
        assert name in known, f"{page.name} names `calmloop {name}`"


@pytest.mark.parametrize("target", re.findall(r"make ([a-z-]+)", README))
def test_the_make_targets_it_names_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
