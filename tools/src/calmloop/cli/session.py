"""`calmloop session`: a session seen, started, conducted and ended; the child's page in it."""

from typing import Annotated

import typer

from calmloop.caregiver import CaregiverAnswer, CommandOutcome, described_session
from calmloop.cli.caregiver import caregiver, report
from calmloop.contract.messages.session import AUTO, Mode

STATE_S = 3.0
"""The state comes once a second."""

app = typer.Typer(help="See, start, conduct and finish a session.", no_args_is_help=True)


@app.command()
def show() -> None:
    """Prints the session in words: what plays and why, what is asked, which signals are missing."""
    with caregiver() as client:
        state = client.await_seen(lambda: client.seen.session, STATE_S)
        if state is None:
            report(CommandOutcome(False, "no answer from the scenario-selector: is it running?"))
        else:
            for line in described_session(state):
                typer.echo(line)


@app.command()
def start(
    profile: Annotated[str, typer.Option(help="Code of the child's profile.")] = "default",
    scenario: Annotated[str, typer.Option(help="A scenario's name; `auto` chooses.")] = AUTO,
    minutes: Annotated[float, typer.Option(min=0.5, max=30)] = 15.0,
    mode: Annotated[Mode, typer.Option(help="`manual` has no camera.")] = Mode.ADAPTIVE,
) -> None:
    """Starts a session, and waits until the chair is active for it."""
    with caregiver() as client:
        report(client.start(profile=profile, scenario=scenario, minutes=minutes, mode=mode))


@app.command()
def pause() -> None:
    """Fades out; the session waits for at most 5 minutes."""
    with caregiver() as client:
        report(client.pause())


@app.command()
def resume() -> None:
    """Goes on with a paused session."""
    with caregiver() as client:
        report(client.resume())


@app.command()
def finish(
    rating: Annotated[
        int | None, typer.Option(min=1, max=5, help="How well it did this child; 5 is best.")
    ] = None,
) -> None:
    """Fades out and ends the session."""
    with caregiver() as client:
        report(client.finish(rating))


@app.command()
def answer(
    answer: Annotated[
        CaregiverAnswer,
        typer.Argument(
            help="How it looks: `usual` or `upset`. Whose face: the `child`'s or an `other`."
            " Whether it sleeps: `asleep` or `awake`."
        ),
    ],
) -> None:
    """Answers what the session asks; `show` prints the question."""
    with caregiver() as client:
        report(client.answer(answer))


@app.command()
def dismiss(
    signal: Annotated[str, typer.Argument(help="The missing signal's name, as `show` has it.")],
) -> None:
    """Goes on without a missing signal. That raises nothing, and once back it counts again."""
    with caregiver() as client:
        report(client.dismiss(signal))


@app.command()
def allow_child() -> None:
    """Allows the child's own page in this session: more within limits, and a choice."""
    with caregiver() as client:
        report(client.allow_child())


@app.command()
def forbid_child() -> None:
    """Takes the child's own page back; less is always the child's."""
    with caregiver() as client:
        report(client.forbid_child())
