"""The command ``agree``: experts and systems side by side."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from calmloop.agreement.answers import GROUP_ORDER, read_answers
from calmloop.agreement.compare import Agreement, compare
from calmloop.agreement.kappa import CONFIDENCE, Estimate
from calmloop.agreement.live import LiveAgreement, LiveRow, listen
from calmloop.base import logs, settings
from calmloop.base.clock import SystemClock
from calmloop.base.errors import CalmloopError
from calmloop.base.settings import LogLevel, LogSettings, ServiceSettings
from calmloop.caregiver.connection import await_broker, open_bus
from calmloop.cli.failures import failures_reported


def agree(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CSV files with the columns item and label (a person's) or prediction (a "
            "system's), in any order."
        ),
    ] = None,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Instead of files: the classifier and its shadows, as they run."
        ),
    ] = False,
    seconds: Annotated[float, typer.Option(min=1, help="How long to listen, with --live.")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the confidence intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="All metrics as JSON.")] = False,
) -> None:
    """Compare systems with human experts on the same faces, or a shadow with the classifier."""
    if live != (not files):
        typer.echo("name files, or --live, and not both", err=True)
        raise typer.Exit(2)
    if live:
        _agree_live(seconds, as_json)
        return
    try:
        agreement = compare([read_answers(path) for path in files or []], seed)
    except CalmloopError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    show(agreement, as_json)


def show(agreement: Agreement, as_json: bool = False) -> None:
    """Prints the counts and the kappas as two tables, or all metrics as JSON."""
    if as_json:
        typer.echo(json.dumps(_plain(asdict(agreement)), indent=2))
        return
    console = Console()
    console.print(_counts(agreement))
    console.print(_kappas(agreement))
    console.print(
        f"{CONFIDENCE:.0%} intervals from resampled items, as if no two came from one person. "
        "Unknown counts as a wrong answer."
    )


def _agree_live(seconds: float, as_json: bool) -> None:
    logs.configure(LogSettings(level=LogLevel.ERROR))
    agreement = LiveAgreement()
    with failures_reported():
        chosen = settings.load(ServiceSettings)
        bus = open_bus(chosen)
        agreement.subscribe(bus)
        try:
            bus.start()
            await_broker(bus, chosen)
            listen(bus, SystemClock(), seconds)
        finally:
            bus.close()
    rows = agreement.rows()
    if as_json:
        typer.echo(json.dumps([_plain(asdict(row)) for row in rows], indent=2))
    elif rows:
        Console().print(_shadows(rows))
    else:
        typer.echo(f"no shadow was heard for {seconds:g} s: is one running, and is this account")
        typer.echo("one that may hear it (monitor, or a broker without accounts)?")


def _shadows(rows: list[LiveRow]) -> Table:
    table = Table(title="shadows beside the classifier, on the same crops")
    for name in ("shadow", "network", "crops", "same", "kappa", "unknown: classifier", "shadow"):
        table.add_column(name)
    for row in rows:
        table.add_row(
            row.name,
            row.model,
            str(row.crops),
            f"{row.same:.1%}" if row.crops else "-",
            _text(row.kappa),
            *map(str, row.unknown),
        )
    return table


def _plain(value: object) -> object:
    """NaN as null: JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, Estimate):
        return {key: _plain(entry) for key, entry in value._asdict().items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _counts(agreement: Agreement) -> Table:
    """As Table 1 of the main paper: what the experts say, and how much of it each system hit."""
    left_out = f", {agreement.undecided} without a commonest label" if agreement.undecided else ""
    left_out += f"; {agreement.unsure} left out as unsure" if agreement.unsure else ""
    table = Table(title=f"{agreement.items} items, {len(agreement.experts)} expert(s){left_out}")
    table.add_column("group")
    table.add_column("experts", justify="right")
    for system in agreement.systems:
        table.add_column(system.name, justify="right")
    for group in GROUP_ORDER:
        shown = agreement.shown[group]
        hits = (system.groups[group].hits for system in agreement.systems)
        table.add_row(group.value, str(shown), *(_share(count, shown) for count in hits))
    table.add_section()
    table.add_row("unknown", "", *(str(system.unknown) for system in agreement.systems))
    table.add_row(
        "accuracy", "", *(_text(system.accuracy, percent=True) for system in agreement.systems)
    )
    return table


def _kappas(agreement: Agreement) -> Table:
    table = Table(title="kappa: Cohen's against the experts, Fleiss' among them")
    table.add_column("group")
    among = agreement.among_experts
    if among is not None:
        table.add_column("experts", justify="right")
    for system in agreement.systems:
        table.add_column(system.name, justify="right")
    for group in GROUP_ORDER:
        first = [] if among is None else [_text(among.groups[group])]
        rest = (_text(system.groups[group].kappa) for system in agreement.systems)
        table.add_row(group.value, *first, *rest)
    table.add_section()
    first = [] if among is None else [_text(among.fleiss)]
    table.add_row("all", *first, *(_text(system.kappa) for system in agreement.systems))
    return table


def _share(hits: int, shown: int) -> str:
    return f"{hits} ({hits / shown:.0%})" if shown else "-"


def _text(estimate: Estimate, percent: bool = False) -> str:
    if math.isnan(estimate.value):
        return "undefined"
    form = "{:.1%}" if percent else "{:.2f}"
    value, low, high = (form.format(number) for number in estimate)
    return f"{value} ({low} to {high})"
