"""``python -m calmloop.papers``: a group of commands for each paper's system."""

import typer

from calmloop.cli.failures import TellingGroup
from calmloop.papers.clip import commands as clip
from calmloop.papers.detectors.commands import detectors
from calmloop.papers.frcnn import commands as frcnn
from calmloop.papers.quiet import hush
from calmloop.papers.restless import commands as restless
from calmloop.papers.temporal import commands as temporal

app = typer.Typer(cls=TellingGroup, help="The papers' other systems, at small scale.")
app.add_typer(clip.app, name="clip")
app.add_typer(frcnn.app, name="frcnn")
app.add_typer(temporal.app, name="temporal")
app.add_typer(restless.app, name="restless")
app.command()(detectors)


@app.callback()
def of_the_papers() -> None:
    """The papers' other systems, at small scale."""
    hush()
