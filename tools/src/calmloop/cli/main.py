"""The `calmloop` command: every part of it is a module of its own.

A part is imported when it is called for: somebody who stops a chair must not wait for OpenCV.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.main import get_group

from calmloop.cli.failures import TellingGroup

RUN, CHAIR, BUS, NETWORK = "Run and look", "At the chair", "On the bus", "The network"

PARTS = {
    "demo": (RUN, "demo.command:demo"),
    "annotate": (RUN, "annotate.command:annotate"),
    "simulate": (RUN, "simulate.command:simulate"),
    "bench": (RUN, "bench.command:bench"),
    "sound": (RUN, "sound.command:app"),
    "scenario": (RUN, "scenarios.command:app"),
    "stop": (CHAIR, "cli.caregiver:stop"),
    "reset": (CHAIR, "cli.caregiver:reset"),
    "ack": (CHAIR, "cli.caregiver:ack"),
    "record": (BUS, "cli.recording:record"),
    "replay": (BUS, "cli.recording:replay"),
    "topics": (BUS, "cli.topics_table:topics"),
    "schema": (BUS, "cli.schema:schema"),
    "settings": (BUS, "cli.settings_table:settings"),
    "check-config": (BUS, "cli.check_config:check_config"),
    "train": (NETWORK, "training.commands.app:train"),
    "teach": (NETWORK, "training.commands.app:teach"),
    "ablate": (NETWORK, "training.commands.app:ablate"),
    "export": (NETWORK, "training.commands.app:export"),
    "merge": (NETWORK, "training.commands.merge:merge"),
    "evaluate": (NETWORK, "training.commands.evaluate:evaluate"),
    "measure-answers": (NETWORK, "simulate.measure_command:measure_answers"),
    "baseline": (NETWORK, "training.commands.evaluate:baseline"),
    "label": (NETWORK, "labelling.command:label"),
    "label-boxes": (NETWORK, "labelling.command:label_boxes"),
    "predict": (NETWORK, "labelling.command:predict"),
    "experiment": (NETWORK, "labelling.experiment:experiment"),
    "agree": (NETWORK, "agreement.command:agree"),
    "profile": (BUS, "cli.profile:app"),
    "chair": (CHAIR, "cli.chair:app"),
    "session": (CHAIR, "cli.session:app"),
    "override": (CHAIR, "cli.caregiver:override"),
    "learning": (CHAIR, "cli.learning:app"),
    "log": (CHAIR, "logbook.command:app"),
    "report": (CHAIR, "cli.report:report"),
    "console": (CHAIR, "cli.console:app"),
    "device": (CHAIR, "device.command:app"),
    "fleet": (RUN, "fleet.command:app"),
    "voice": (NETWORK, "voice.command:app"),
    "data": (NETWORK, "training.commands.data:app"),
    "synth": (NETWORK, "synth.command:app"),
}
"""By name: the heading in the help, and the function or the group of commands in `calmloop`."""


class Parts(MutableMapping[str, Any]):
    """The commands by name, each made when it is asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The command."""
        if name not in self._made:
            self._made[name] = _make(name)
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        """Takes another command's place."""
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        """None can be taken away."""
        raise TypeError(f"'{name}' stays: the commands are those of PARTS")

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the help."""
        return iter(PARTS)

    def __len__(self) -> int:
        """How many there are."""
        return len(PARTS)


class LazyGroup(TellingGroup):
    """A group that imports nothing of a command before it is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Parts()


def _make(name: str) -> Any:
    panel, place = PARTS[name]
    module, _, attribute = place.partition(":")
    part = getattr(import_module(f"calmloop.{module}"), attribute)
    around = typer.Typer(add_completion=False)
    if isinstance(part, typer.Typer):
        around.add_typer(part, name=name, rich_help_panel=panel)
    else:
        around.command(name, rich_help_panel=panel)(part)
    around.callback()(_calmloop)
    return get_group(around).commands[name]


def _calmloop() -> None:
    """Calmloop: an emotion-adaptive relaxation chair."""


app = typer.Typer(
    name="calmloop", cls=LazyGroup, no_args_is_help=True, pretty_exceptions_enable=False
)
app.callback()(_calmloop)
