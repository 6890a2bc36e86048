"""The files that are made from the list, wholly or in one part between two marks."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.service_list import rendering
from tools.service_list.listing import ListError, Listing, Service

MADE_BY = "made by `make services`:"
END_OF = "end of"
COMPOSE = "compose/compose.yaml"
ACCOUNTS = "shared/src/calmloop/contract/accounts.py"
PARTS: tuple[tuple[str, str, Callable[[Listing], str]], ...] = (
    ("pyproject.toml", "services", rendering.mypy_path),
    ("tools/pyproject.toml", "services", rendering.tools_dependencies),
    ("README.md", "services", rendering.readme_table),
    ("services/Dockerfile", "services", rendering.image_stages),
    ("compose/docker-bake.hcl", "services", rendering.bake_images),
    (COMPOSE, "what each service is", rendering.compose_anchors),
)
"""File, the name of its part, and what makes it."""


def made(root: Path, listing: Listing) -> dict[str, str]:
    """Every file as it should be, by its path below `root`.

    Raises:
        ListError: a file has lost its marks.
    """
    texts = {ACCOUNTS: rendering.accounts_module(listing)}
    for path, part, render in PARTS:
        text = texts.get(path) or (root / path).read_text(encoding="utf-8")
        texts[path] = _replaced(path, text, part, render(listing))
    texts[COMPOSE] = _with_blocks(texts[COMPOSE], listing)
    return texts | dict.fromkeys(_marks_of_types(root, listing), "")


def differing(root: Path, texts: dict[str, str]) -> list[str]:
    """The files that are not as they should be."""
    return [path for path, text in texts.items() if _read(root / path) != text]


def _marks_of_types(root: Path, listing: Listing) -> Iterable[str]:
    """The empty file by which each service's package says that it carries types."""
    packages = (f"{service.folder}/src/calmloop/{service.module}" for service in listing.services)
    return (f"{package}/py.typed" for package in packages if (root / package).is_dir())


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _with_blocks(compose: str, listing: Listing) -> str:
    """A service without a block by hand gets one; so does a volume."""
    written = _replaced(COMPOSE, compose, "services as they are", "")
    written = _replaced(COMPOSE, written, "further volumes", "")
    plain = _unwritten(written, listing.services, lambda service: service.name)
    writers = [service for service in listing.services if service.writes]
    volumes = _unwritten(written.partition("\nvolumes:\n")[2], writers, lambda s: s.writes)
    blocks = rendering.compose_blocks(plain)
    compose = _replaced(COMPOSE, compose, "services as they are", blocks)
    return _replaced(COMPOSE, compose, "further volumes", rendering.compose_volumes(volumes))


def _unwritten(
    text: str, services: Iterable[Service], key: Callable[[Service], str]
) -> list[Service]:
    return [s for s in services if not re.search(rf"^  {key(s)}:", text, re.MULTILINE)]


def _replaced(path: str, text: str, part: str, content: str) -> str:
    first, last = (rf"^[ ]*(?:#|<!--) {mark} {part}\b" for mark in (MADE_BY, END_OF))
    marks = re.compile(rf"({first}[^\n]*\n).*?({last})", re.MULTILINE | re.DOTALL)
    if len(marks.findall(text)) != 1:
        raise ListError(
            f"{path}: the marks '{MADE_BY} {part}' and '{END_OF} {part}' must stand"
            " there once, each in a line of its own: take them from the last commit"
        )
    return marks.sub(lambda found: found[1] + content + found[2], text)
