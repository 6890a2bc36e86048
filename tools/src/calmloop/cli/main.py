"""The `calmloop` command: every part of it is a module of its own."""

import typer

from calmloop.demo.command import demo

app = typer.Typer(
    name="calmloop",
    help="Calmloop: an emotion-adaptive relaxation chair.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(demo)


@app.callback()
def _root() -> None:
    """Keeps `demo` a sub-command as long as it is the only one."""
