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
from calmloop.base.errors import CalmloopError


def agree(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="CSV files with the columns item and label (a person's) or prediction (a "
            "system's), in any order."
        ),
    ],
    seed: Annotated[int, typer.Option(min=0, help="Of the confidence intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="All metrics as JSON.")] = False,
) -> None:
    """Compare systems with human experts on the same faces."""
    try:
        agreement = compare([read_answers(path) for path in files], seed)
    except CalmloopError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
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
