"""An evaluation as one HTML page that fetches nothing.

Needs matplotlib and jinja2: import this module when writing.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import jinja2
from matplotlib.figure import Figure

from calmloop.training.augment.spoilings import NO_FACE, Spoiling
from calmloop.training.measure import plots
from calmloop.training.measure.candidate import CandidateAnswers
from calmloop.training.measure.tables import tables

_WORST_WAYS = 3


@dataclass(frozen=True)
class Picture:
    """A drawing, as an address that holds it, with what it shows."""

    address: str
    caption: str


def page(results: Sequence[dict[str, Any]], answers: Sequence[CandidateAnswers], part: str) -> str:
    """The page of what `evaluate` found of each candidate on one part of the data."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("calmloop.training.measure"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    is_spoiled = "spoiled" in results[0]
    written: str = environment.get_template("report.html").render(
        part=part,
        faces=results[0]["faces"],
        tables=list(tables(results, part)),
        drawn={one.candidate.name: list(_pictures(one, is_spoiled)) for one in answers},
    )
    return written


def _pictures(answers: CandidateAnswers, is_spoiled: bool) -> Iterator[Picture]:
    yield _picture(
        plots.risk_coverage(answers),
        "How often a call is wrong when only the surest faces are called. Bands: 95 %. "
        "Points: the limits of the card.",
    )
    yield _picture(plots.confusion(answers), "Labels in rows, answers in columns.")
    ways: list[Spoiling | None] = [None]
    if is_spoiled:
        ways += _least_true(answers)
    yield _picture(
        plots.reliabilities(answers, ways),
        "How often a group is right over the probability that is given for it"
        + (", not spoiled and where it is least true." if is_spoiled else "."),
    )
    if is_spoiled:
        yield _picture(
            plots.spoiled_risks(answers),
            "The same faces, spoiled: where less can be seen, fewer may be called, "
            "and no more of these be wrong.",
        )


def _least_true(answers: CandidateAnswers) -> list[Spoiling]:
    ways = [way for way in Spoiling if way not in NO_FACE]
    return sorted(ways, key=lambda way: -answers.reliability(way).error)[:_WORST_WAYS]


def _picture(figure: Figure, caption: str) -> Picture:
    file = BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return Picture(f"data:image/svg+xml;base64,{b64encode(file.getvalue()).decode()}", caption)
