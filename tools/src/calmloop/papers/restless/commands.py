"""The commands of `papers restless`."""

from pathlib import Path
from typing import Annotated

import torch
import typer

from calmloop.base.errors import CalmloopError
from calmloop.cli.failures import TellingGroup
from calmloop.cli.outputs import folder_option
from calmloop.papers.restless.courses import STATES
from calmloop.papers.restless.study import RestlessRecipe, RestlessStudy, run_restless
from calmloop.training.commands.options import CORES, ThreadsOption, refusal

app = typer.Typer(cls=TellingGroup, help="Calm, fidgeting, rocking, thrashing or leaving.")


@app.callback()
def _of_restlessness() -> None:
    """Two streams over a child's last seconds: small pictures, and what moves."""


@app.command()
def study(
    out: Annotated[Path, folder_option(help="Run folder; a killed run in it is resumed.")],
    sequences: Annotated[int, typer.Option(min=len(STATES), help="To learn from.")] = 2000,
    test_sequences: Annotated[int, typer.Option(min=len(STATES), help="To report on.")] = 500,
    epochs: Annotated[int, typer.Option(min=1, max=1000)] = 15,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Trainings of both streams.")] = 2,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    threads: ThreadsOption = CORES,
) -> None:
    """Compare each stream alone, both together and a plain rule, on a drawn child's movement."""
    torch.set_num_threads(threads)
    recipe = RestlessRecipe(sequence_count=sequences, epochs=epochs, seed=seed)
    wanted = RestlessStudy(recipe=recipe, seeds=seeds, test_sequences=test_sequences)
    try:
        told = run_restless(wanted, out, typer.echo)
    except CalmloopError as error:
        raise refusal(error) from error
    typer.echo(told)
