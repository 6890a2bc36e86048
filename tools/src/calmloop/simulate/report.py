"""The study as tables for a terminal."""

from collections.abc import Iterable
from math import isfinite

from rich.console import Console
from rich.table import Table

from calmloop.simulate.figures import Figure
from calmloop.simulate.study import Row, Study

GOOD, BAD = "green", "red"
LEAST_WIDTH = 100
"""Narrower than this, tables of five streams are hard to read; a pipe has no width of its own."""


def print_study(study: Study, console: Console) -> None:
    """All figures: a row each, a column for each stream, and how fast it went."""
    plan = study.plan
    caregiver = plan.base.answers_after_s
    answers = "never answers" if caregiver is None else f"answers after {caregiver:g} s"
    console.width = max(LEAST_WIDTH, console.width)
    console.print(
        f"engine {plan.engine.name}, {plan.children} children, seed {plan.seed}, caregiver"
        f" {answers}. Below a value its 95 % interval; {GOOD} keeps the bound, {BAD} and marked !"
        " does not.",
        highlight=False,
    )
    for experiment in dict.fromkeys(row.experiment for row in study.rows):
        console.print(_table(study, [row for row in study.rows if row.experiment == experiment]))
    if study.seconds:
        console.print(
            f"{study.sessions} sessions, {study.turns} turns in {study.seconds:.0f} s:"
            f" {study.sessions / study.seconds:.1f} sessions/s,"
            f" {study.turns / study.seconds:.0f} turns/s",
            highlight=False,
        )


def _table(study: Study, rows: list[Row]) -> Table:
    streams = [stream for stream in (*study.plan.streams, None) if _of(rows, stream)]
    table = Table(title=rows[0].experiment, title_justify="left", title_style="bold")
    table.add_column("figure", ratio=1, min_width=22)
    for stream in streams:
        table.add_column(stream.value if stream else "value", justify="right", min_width=11)
    table.add_column("bound", justify="right", min_width=9)
    table.add_column("version 0.1", justify="right", min_width=11)
    for figure in {row.figure.name: row.figure for row in rows}.values():
        cells = [_cell(_of(rows, stream), figure.name) for stream in streams]
        table.add_row(figure.name, *cells, _bound(figure), figure.today)
    return table


def _of(rows: Iterable[Row], stream: object) -> list[Figure]:
    return [row.figure for row in rows if row.stream is stream]


def _cell(figures: list[Figure], name: str) -> str:
    figure = next((each for each in figures if each.name == name), None)
    if figure is None or not figure.measured.of:
        return "-"
    it = figure.measured
    text = shown(it.value, figure.unit)
    interval = f"\n[dim]{_bare(it.low, figure.unit)} to {_bare(it.high, figure.unit)}[/dim]"
    if figure.holds is None:
        return text + interval
    mark, colour = ("", GOOD) if figure.holds else ("! ", BAD)
    return f"[{colour}]{mark}{text}[/{colour}]{interval}"


def _bound(figure: Figure) -> str:
    if figure.bound is None:
        return ""
    return f"{'>=' if figure.at_least else '<='} {shown(figure.bound, figure.unit)}"


def _bare(value: float, unit: str) -> str:
    return shown(value, unit).removesuffix(f" {unit}").removesuffix(unit)


def shown(value: float, unit: str) -> str:
    """A value as people read it: 'never' for what did not come."""
    if not isfinite(value):
        return "never" if value > 0 else "-"
    if unit == "%":
        return f"{100 * value:.1f} %"
    number = f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
    return f"{number}{unit}" if unit == "/h" else f"{number} {unit}".rstrip()
