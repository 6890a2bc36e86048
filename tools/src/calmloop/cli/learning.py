"""`calmloop learning`: what was learned of a child, seen, exported and corrected."""

import csv
import io
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from calmloop.base import settings
from calmloop.base.errors import InputError
from calmloop.caregiver import CommandOutcome
from calmloop.cli.caregiver import caregiver, report
from calmloop.cli.failures import EXIT_NOT_DONE, failures_reported, say
from calmloop.cli.outputs import file_option, write_text
from calmloop.contract.messages.learning import LearningAction, LearningState
from calmloop.scenario_selector import (
    FEATURE_NAMES,
    Learned,
    RecordError,
    Settings,
    read_learned,
)

STATE_S = 3.0
"""The state is retained: when it has not come by then, nobody ever wrote it."""

SESSION_COLUMNS = (
    "session_id", "ended", "scenario", "arrival", "calm", "less", "before", "rating", "halted",
    "void", "reward",
)  # fmt: skip

app = typer.Typer(
    help="What was learned of a child: see, export and correct it.", no_args_is_help=True
)

Profile = Annotated[
    str | None, typer.Option(help="The child's code; else the one who sits or sat there last.")
]
Scenario = Annotated[str, typer.Argument(help="The scenario's name.")]


@app.command()
def show(profile: Profile = None) -> None:
    """Prints what was learned, in words and in numbers with their 95 % intervals."""
    with caregiver() as client:
        if profile is not None:
            asked = client.teach(LearningAction.SHOW, profile=profile)
            if not asked.done:
                report(asked)
        state = client.await_seen(lambda: client.seen.learning, STATE_S)
        if state is None:
            report(CommandOutcome(False, "no answer from the scenario-selector: is it running?"))
        elif not state.profile:
            say("nothing to show: no child sat here since the start, so name one with --profile")
            raise typer.Exit(EXIT_NOT_DONE)
        else:
            _print(state)


@app.command()
def rate(
    rating: Annotated[int, typer.Argument(min=1, max=5, help="5 is best.")],
    profile: Profile = None,
) -> None:
    """Rates the running session, or the last one for 24 h after its end."""
    _teach(LearningAction.RATE, profile, rating=rating)


@app.command()
def void(profile: Profile = None) -> None:
    """Strikes the last halt from the record: "that was no distress". It raises nothing."""
    _teach(LearningAction.VOID, profile)


@app.command()
def pin(scenario: Scenario, profile: Profile = None) -> None:
    """Makes `auto` take this scenario."""
    _teach(LearningAction.PIN, profile, scenario=scenario)


@app.command()
def unpin(profile: Profile = None) -> None:
    """Lets `auto` choose again."""
    _teach(LearningAction.UNPIN, profile)


@app.command()
def exclude(scenario: Scenario, profile: Profile = None) -> None:
    """Takes a scenario out for this child, on top of what its profile excludes."""
    _teach(LearningAction.EXCLUDE, profile, scenario=scenario)


@app.command()
def allow(scenario: Scenario, profile: Profile = None) -> None:
    """Takes an `exclude` back, from the next session on."""
    _teach(LearningAction.ALLOW, profile, scenario=scenario)


@app.command()
def forget(profile: Annotated[str, typer.Option(help="The child's code.")]) -> None:
    """Deletes what was learned of a child, copies too; pins, exclusions and the dose stay."""
    _teach(LearningAction.FORGET, profile)


@app.command()
def export(
    profile: Annotated[str, typer.Option(help="The child's code.")],
    out: Annotated[
        Path | None, file_option(help="Write the record into this file, else print it.")
    ] = None,
    table: Annotated[
        Path | None, file_option("--csv", help="Write its sessions into this file, one a line.")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Holds learned/<code>.json; else scenario_selector.data_dir."),
    ] = None,
) -> None:
    """Writes a child's record as JSON, as it can be copied back, and its sessions as CSV.

    It reads the files of the scenario-selector, since no topic has single sessions. Exit code 2:
    there is no such record, or it is damaged.
    """
    with failures_reported():
        learned = _read(data_dir, profile)
        text = learned.model_dump_json(indent=1) + "\n"
        if out is not None:
            write_text(out, text)
        if table is not None:
            write_text(table, _csv(learned))
    if out is None and table is None:
        typer.echo(text, nl=False)
        return
    written = " and ".join(str(path) for path in (out, table) if path is not None)
    say(f"'{profile}': {learned.sessions} sessions in {written}")


def _teach(
    action: LearningAction,
    profile: str | None,
    *,
    scenario: str | None = None,
    rating: int | None = None,
) -> None:
    with caregiver() as client:
        report(client.teach(action, profile=profile, scenario=scenario, rating=rating))


def _print(state: LearningState) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(_heading(state), markup=False)
    for taste in state.tastes:
        console.print(f"  {taste.text}", markup=False)
    for level in state.levels:
        console.print(f"  {level.text}", markup=False)
    if state.tastes:
        console.print(_tastes(state))
    console.print(_scores(state))


def _heading(state: LearningState) -> str:
    prior = f"{state.children} children of this installation" if state.children else "simulations"
    parts = [f"'{state.profile}': {state.sessions} sessions, on what {prior} have in common"]
    if state.pinned:
        parts.append(f"pinned: {state.pinned}")
    if state.excluded:
        parts.append(f"excluded: {', '.join(state.excluded)}")
    if state.last_session:
        rated = f"rated {state.last_rating}" if state.last_rating else "not rated"
        ended = ", ended in distress" if state.last_halted else ""
        parts.append(f"last session: {rated}{ended}")
    return "\n".join(parts)


def _tastes(state: LearningState) -> Table:
    table = Table("feature", "adds to the reward", "95 % interval", "certainty")
    for taste in state.tastes:
        interval = f"{taste.low:+.2f} to {taste.high:+.2f}"
        certainty = f"{taste.certainty:.0%}"
        table.add_row(Text(taste.name), f"{taste.weight:+.2f}", interval, certainty)
    return table


def _scores(state: LearningState) -> Table:
    table = Table("scenario", "expected reward", "95 % interval", "sessions")
    for score in sorted(state.scores, key=lambda each: -each.score):
        known = score.low is not None and score.high is not None
        interval = f"{score.low:.2f} to {score.high:.2f}" if known else ""
        table.add_row(Text(score.scenario), f"{score.score:.2f}", interval, str(score.sessions))
    return table


def _read(data_dir: Path | None, profile: str) -> Learned:
    place = data_dir or settings.load(Settings).scenario_selector.data_dir
    try:
        return read_learned(place, profile)
    except RecordError as error:
        raise InputError(f"{error}; --data-dir names another folder") from None


def _csv(learned: Learned) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*SESSION_COLUMNS, *FEATURE_NAMES))
    for trial in learned.trials:
        known = trial.model_dump(mode="json") | {"reward": trial.reward}
        writer.writerow((*(known[name] for name in SESSION_COLUMNS), *trial.features))
    return text.getvalue()
