"""The `calmloop` command: every part of it is a module of its own."""

from collections.abc import Callable

import typer

from calmloop.agreement.command import agree
from calmloop.annotate.command import annotate
from calmloop.bench.command import bench
from calmloop.cli import chair, override, session
from calmloop.cli.ack import ack
from calmloop.cli.check_config import check_config
from calmloop.cli.recording import record, replay
from calmloop.cli.reset import reset
from calmloop.cli.schema import schema
from calmloop.cli.stop import stop
from calmloop.cli.topics_table import topics
from calmloop.demo.command import demo
from calmloop.labelling.label_command import label
from calmloop.labelling.predict_command import predict
from calmloop.training import data_command
from calmloop.training.cli import export, teach, train
from calmloop.training.evaluate_command import baseline, evaluate

app = typer.Typer(
    name="calmloop",
    help="Calmloop: an emotion-adaptive relaxation chair.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Run and look": (demo, annotate, bench),
    "At the chair": (stop, reset, ack),
    "On the bus": (record, replay, topics, schema, check_config),
    "The network": (train, teach, export, evaluate, baseline, label, predict, agree),
}

for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(chair.app, name="chair", rich_help_panel="At the chair")
app.add_typer(session.app, name="session", rich_help_panel="At the chair")
app.add_typer(override.app, name="override", rich_help_panel="At the chair")
app.add_typer(data_command.app, name="data", rich_help_panel="The network")
