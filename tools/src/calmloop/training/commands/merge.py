"""The command ``merge``: one run out of several, by the mean of their weights."""

# ruff: noqa: PLC0415 - the heavy imports wait until the command runs
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from calmloop.base.errors import CalmloopError
from calmloop.cli.outputs import folder_option
from calmloop.training.commands.options import (
    CORES,
    BackendOption,
    DataOption,
    ThreadsOption,
    choose_backend,
    refusal,
)


def merge(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN[=SHARE]...",
            help="Run folders, and .tflite files with their cards; without a share, 1.",
        ),
    ],
    data: DataOption,
    out: Annotated[Path, folder_option(help="Run folder to make; then: export.")],
    threads: ThreadsOption = CORES,
    backend: BackendOption = None,
) -> None:
    """Average the best weights of several runs of one network."""
    choose_backend(backend, threads)
    from calmloop.training.learn.merge import merge as run_merge

    try:
        recipe = run_merge(dict(map(_share, runs)), data, out)
    except CalmloopError as error:
        raise refusal(error) from error
    told = ", ".join(f"{name} {share:.0%}" for name, share in (recipe.merged or {}).items())
    Console().print(f"{out}: {told}")


def _share(text: str) -> tuple[Path, float]:
    path, _, share = text.partition("=")
    try:
        return Path(path), float(share or 1)
    except ValueError:
        raise typer.BadParameter(f"{text}: write RUN=SHARE, as runs/one=0.4") from None
