"""`calmloop experiment`: the main paper's Table 1, of any clip, experts and networks."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from calmloop.agreement.answers import Rater, read_answers
from calmloop.agreement.command import show
from calmloop.agreement.compare import compare
from calmloop.annotate.choice import YuNetOption
from calmloop.base.errors import InputError
from calmloop.cli.failures import failures_reported
from calmloop.cli.outputs import folder_option
from calmloop.labelling.command import ClipArgument, EveryOption, counted, predict_to
from calmloop.labelling.segments import DEFAULT_EVERY_S


def experiment(
    clip: ClipArgument,
    labels: Annotated[
        list[Path], typer.Option(help="LABELS.csv of an expert, from `label`; one or several.")
    ],
    system: Annotated[
        list[Path], typer.Option(help="A network, a .tflite with its card; one or several.")
    ],
    out: Annotated[Path, folder_option(help="Folder for each network's predictions.")],
    every: EveryOption = DEFAULT_EVERY_S,
    yunet: YuNetOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the confidence intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="All metrics as JSON.")] = False,
) -> None:
    """Let several networks see one clip, and compare them with its experts.

    What `predict` of each network and `agree` do, in one.
    """
    with failures_reported():
        experts = [read_answers(path) for path in labels]
        for path, expert in zip(labels, experts, strict=True):
            if expert.rater is not Rater.EXPERT:
                raise InputError(f"{path} holds a system's predictions: --labels takes a person's")
        _check_names(system)
        opened = counted(clip)
        written = {network: out / f"{network.stem}.csv" for network in system}
        for network, predictions in written.items():
            predict_to(predictions, opened, every, network, yunet)
        show(compare([*experts, *map(read_answers, written.values())], seed), as_json)


def _check_names(networks: list[Path]) -> None:
    name, count = Counter(path.stem for path in networks).most_common(1)[0]
    if count > 1:
        raise InputError(f"{count} networks are called {name}: copy one to a file of another name")
