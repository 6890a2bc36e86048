"""``python -m calmloop.training``: the training commands where the rest of Calmloop is not."""

from calmloop.training.commands.app import app

app(prog_name="python -m calmloop.training")
