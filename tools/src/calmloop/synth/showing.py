"""The tables of `calmloop synth report`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from calmloop.contract.messages.emotion import Label
from calmloop.simulate.intervals import Measured
from calmloop.synth.fairness import (
    CalledFace,
    drawn_and_called,
    found_by,
    neutral_called,
)
from calmloop.training.data.traits import CIRCUMSTANCES, GROUPS


def empty_table(title: str, first: str, *others: str) -> Table:
    """A table of figures: the first column has names, the others stand to the right."""
    table = Table(title=title)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def as_plain(readings: Sequence[CalledFace]) -> dict[str, Any]:
    """All shares with their 95 % intervals, for a file."""
    return {
        "found": {name: _plain(found_by(readings, name)) for name in (*CIRCUMSTANCES, *GROUPS)},
        "neutral_called": {
            name: {label.value: _plain(neutral_called(readings, name, label)) for label in Label}
            for name in GROUPS
        },
        "drawn_and_called": {
            emotion: _plain(called) for emotion, called in drawn_and_called(readings).items()
        },
    }


def tables(readings: Sequence[CalledFace]) -> Iterator[Table]:
    """What is found, what neutral faces are called, and what each emotion that was drawn is."""
    found = empty_table("Faces found (95 % interval)", "", "pictures", "found")
    for name in (*CIRCUMSTANCES, *GROUPS):
        for value, measured in found_by(readings, name).items():
            found.add_row(f"{name} {value}", str(measured.of), _percent(measured))
        found.add_section()
    yield found
    labels = [label.value for label in Label]
    neutral = empty_table("Plain neutral faces, called", "group", "pictures", *labels)
    for name in GROUPS:
        by_label = {label: neutral_called(readings, name, label) for label in Label}
        for value, measured in by_label[Label.UNKNOWN].items():
            cells = (_percent(by_label[label][value]) for label in Label)
            neutral.add_row(f"{name} {value}", str(measured.of), *cells)
        neutral.add_section()
    yield neutral
    drawn = empty_table("Plain faces, drawn and called", "drawn", "pictures", *labels)
    for emotion, called in drawn_and_called(readings).items():
        cells = (_percent(called[label]) for label in Label)
        drawn.add_row(emotion, str(called[Label.UNKNOWN].of), *cells)
    yield drawn


def _plain(shares: Mapping[Any, Measured]) -> dict[str, dict[str, float]]:
    return {
        str(value): {name: round(number, 4) for name, number in asdict(measured).items()}
        for value, measured in shares.items()
    }


def _percent(measured: Measured) -> str:
    return f"{100 * measured.value:.0f} % ({100 * measured.low:.0f}–{100 * measured.high:.0f})"
