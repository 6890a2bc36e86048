"""`calmloop topics`: the registry as the Markdown table that the README shows."""

import typer

from calmloop.topics import EVERYONE, REGISTRY, SERVICES, Account, AnyTopic, Kind

HEADINGS = (
    "topic under `calmloop/<chair_id>/`",
    "what",
    "from → to",
    "QoS, retained, expiry",
    "rate",
)
PEOPLE = frozenset({Account.CAREGIVER, Account.MONITOR})


def topics() -> None:
    """Prints every topic on the bus as a Markdown table."""
    typer.echo(markdown())


def markdown() -> str:
    """The table, one row a topic, in the registry's order."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, REGISTRY)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(topic: AnyTopic) -> tuple[str, ...]:
    path = topic.path.replace("{", "<").replace("}", ">")
    delivery = [str(topic.qos), "yes" if topic.retained else "never"]
    if topic.kind is Kind.STOP:
        delivery[1] = "obeyed either way"
    if topic.expiry_s is not None:
        delivery.append(f"{topic.expiry_s} s")
    rate = f"{topic.rate_hz:g} Hz" if topic.rate_hz else "on change"
    return (
        f"`{path}`",
        f"{topic.model.__name__}: {topic.summary}"
        if topic.kind is not Kind.STOP
        else topic.summary,
        f"{_writers(topic.writers)} → {_readers(topic.readers)}",
        ", ".join(delivery),
        rate,
    )


def _writers(accounts: frozenset[Account]) -> str:
    return "each service" if accounts == SERVICES else ", ".join(sorted(accounts))


def _readers(accounts: frozenset[Account]) -> str:
    """The services that act on it; that people may read it too goes without saying."""
    return "all" if accounts == EVERYONE else ", ".join(sorted(accounts - PEOPLE))
