"""The `calmloop` command: every part of it is a module of its own."""

import typer

from calmloop.annotate.command import annotate
from calmloop.bench.command import bench
from calmloop.cli.topics_table import topics
from calmloop.demo.command import demo

app = typer.Typer(
    name="calmloop",
    help="Calmloop: an emotion-adaptive relaxation chair.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (demo, annotate, bench, topics):
    app.command()(command)
