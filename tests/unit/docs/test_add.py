"""Each "Add a ..." page is followed in a copy, and what it promises is there afterwards."""

from pathlib import Path

import pytest

from tests.unit.docs.steps import PAGES, Scratch, files_of

MAX_FILES = {"topic": 2}
"""How many files a person writes or changes at most, the thing's own test left out."""


@pytest.mark.parametrize("page", sorted(PAGES.glob("[!i]*.md")), ids=lambda page: page.stem)
def test_a_page_asks_for_few_files(page: Path) -> None:
    files = files_of(page)
    assert 1 <= len(files) <= MAX_FILES[page.stem], files


def test_a_topic(scratch: Scratch) -> None:
    said = scratch.follow(PAGES / "topic.md")
    assert (
        "| CameraBrightness: how bright the pictures are | camera → all | 1, yes | 1 Hz |" in said
    )
    assert "`camera/brightness`" in (scratch.root / "README.md").read_text()
    acl = scratch.run(
        "python -c 'from calmloop.compose_init.acl import access_list;print(access_list(\"c\"))'"
    )
    assert acl.count("calmloop/c/camera/brightness") == 9
