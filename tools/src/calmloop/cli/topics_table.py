"""`calmloop topics`: the registry as the Markdown table that the README shows."""

import re
from pathlib import Path
from typing import Annotated

import typer

from calmloop.base.errors import InputError
from calmloop.cli.failures import failures_reported
from calmloop.cli.outputs import file_option, write_text
from calmloop.contract.accounts import PEOPLE
from calmloop.contract.topics import EVERYONE, REGISTRY, SERVICES, Account, AnyTopic, TopicKind

HEADINGS = (
    "topic under `calmloop/<chair_id>/`",
    "what",
    "from → to",
    "QoS, retained, expiry",
    "rate",
)
BEGIN, END = "<!-- topics: `calmloop topics` prints this table -->", "<!-- /topics -->"
PLACE = re.compile(rf"(?<=^{BEGIN}\n).*?(?=^{END}$)", re.MULTILINE | re.DOTALL)


def topics(
    into: Annotated[
        Path | None,
        file_option("--into", help="Put it into this page instead, between its two marks."),
    ] = None,
) -> None:
    """Prints every topic on the bus as a Markdown table."""
    if into is None:
        typer.echo(markdown())
        return
    with failures_reported():
        write_text(into, _with_table(into))


def _with_table(page: Path) -> str:
    """The page's text with the table as it is now.

    Raises:
        InputError: it cannot be read, or has no marks.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InputError(f"{page} cannot be read ({error}): name a page in UTF-8") from error
    changed, found = PLACE.subn(lambda _: f"{markdown()}\n", text)
    if not found:
        raise InputError(f"{page} has no place for it: the line '{BEGIN}' and below it '{END}'")
    return changed


def markdown() -> str:
    """The table, one row a topic, in the registry's order."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, REGISTRY)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(topic: AnyTopic) -> tuple[str, ...]:
    path = topic.path.replace("{", "<").replace("}", ">")
    delivery = [str(topic.qos), "yes" if topic.retained else "never"]
    if topic.kind is TopicKind.STOP:
        delivery[1] = "obeyed either way"
    if topic.expiry_s is not None:
        delivery.append(f"{topic.expiry_s} s")
    rate = f"{topic.rate_hz:g} Hz" if topic.rate_hz else "on change"
    return (
        f"`{path}`, the whole name" if topic.foreign else f"`{path}`",
        f"{topic.model.__name__}: {topic.summary}"
        if topic.kind is not TopicKind.STOP
        else topic.summary,
        f"{_writers(topic.writers)} → {_readers(topic.readers)}",
        ", ".join(delivery),
        rate,
    )


def _writers(accounts: frozenset[Account]) -> str:
    return "each service" if accounts == SERVICES else ", ".join(sorted(accounts))


def _readers(accounts: frozenset[Account]) -> str:
    """The services that act on it; that people may read it too goes without saying."""
    return "all" if accounts >= EVERYONE else ", ".join(sorted(accounts - PEOPLE)) or "-"
